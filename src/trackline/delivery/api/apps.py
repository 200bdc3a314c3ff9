"""Django app of the API: the page that lets a person try it, with its script."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Templates and static files of the API page."""

    name = "trackline.delivery.api"
    label = "api"

"""Django app of the room."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """The room of everything that is rendered from records and handed on."""

    name = "trackline.documents"
    label = "documents"
    default_auto_field = "django.db.models.BigAutoField"

"""Django app of the kit: templates, static files, tags and the change ledger."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    """Plumbing without business meaning."""

    name = "trackline.kit"
    label = "kit"
    default_auto_field = "django.db.models.BigAutoField"

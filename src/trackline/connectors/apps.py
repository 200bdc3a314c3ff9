"""Django app of the room."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """Registers the room's record types once all models are loaded."""

    name = "trackline.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

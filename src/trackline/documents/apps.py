"""Django app of the room."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """The room of everything that is rendered from records and handed on; registers its record types."""

    name = "trackline.documents"
    label = "documents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what this room offers to pages, API and command line."""
        from trackline.documents import records  # noqa: F401  (registers on import)

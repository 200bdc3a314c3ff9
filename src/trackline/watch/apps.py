"""Django app of the room."""

from django.apps import AppConfig


class WatchConfig(AppConfig):
    """Registers the room's record types once all models are loaded."""

    name = "trackline.watch"
    label = "watch"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what this room offers to pages, API and command line."""
        from trackline.watch import listening, live, records  # noqa: F401  (registers on import)

        live.register_all()
        listening.listen()

"""Django app of the room."""

from django.apps import AppConfig


class KickoffConfig(AppConfig):
    """Registers the room's record types once all models are loaded."""

    name = "trackline.kickoff"
    label = "kickoff"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what this room offers to pages, API and command line."""
        from trackline.kickoff import evidence, losses, records  # noqa: F401  (registers on import)

        losses.listen()
        evidence.register_all()

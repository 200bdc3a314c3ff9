"""Django app of the room."""

from django.apps import AppConfig


class RevealConfig(AppConfig):
    """Registers the room's record types once all models are loaded."""

    name = "trackline.reveal"
    label = "reveal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what this room offers to pages, API and command line."""
        from trackline.accounts import upkeep
        from trackline.reveal import check_ins, following, goals, live, records  # noqa: F401  (registers on import)

        check_ins.listen()
        following.listen()
        upkeep.before_scores(goals.refresh_goals)
        live.register_all()
        goals.register_all()

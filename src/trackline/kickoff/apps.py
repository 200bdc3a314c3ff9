"""Django app of the room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KickoffConfig(AppConfig):
    """Registers the room's record types once all models are loaded."""

    name = "trackline.kickoff"
    label = "kickoff"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what this room offers to pages, API and command line; create its defaults after each migrate."""
        from trackline.accounts import upkeep
        from trackline.kickoff import defaults, digging, evidence, losses, measuring, records  # noqa: F401  (registers on import)

        digging.listen()
        losses.listen()
        upkeep.before_scores(measuring.keep_metrics)
        evidence.register_all()
        post_migrate.connect(defaults.ensure, sender=self)

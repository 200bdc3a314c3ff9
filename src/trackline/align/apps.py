"""Django app of the room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AlignConfig(AppConfig):
    """Registers the room's record types once all models are loaded."""

    name = "trackline.align"
    label = "align"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what this room offers to pages, API and command line; create its defaults after each migrate."""
        from trackline.accounts import upkeep
        from trackline.align import contracted, defaults, live, records  # noqa: F401  (registers on import)

        live.register_all()
        contracted.listen()
        upkeep.before_scores(contracted.follow_contracts)
        post_migrate.connect(defaults.ensure, sender=self)

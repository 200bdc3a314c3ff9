"""Django app of the room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TrackConfig(AppConfig):
    """Registers the room's record types once all models are loaded."""

    name = "trackline.track"
    label = "track"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what this room offers to pages, API and command line; create its defaults after each migrate."""
        from trackline.track import defaults, live, live_survey, records  # noqa: F401  (registers on import)
        from trackline.track.surveys import answers

        live.register_all()
        live_survey.register_all()
        answers.listen()
        post_migrate.connect(defaults.ensure, sender=self)

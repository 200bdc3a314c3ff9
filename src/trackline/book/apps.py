"""Django app of the room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BookConfig(AppConfig):
    """Registers the room's record types once all models are loaded."""

    name = "trackline.book"
    label = "book"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what this room offers to pages, API and command line; create its defaults after each migrate."""
        from trackline.book import defaults, preview, records  # noqa: F401  (registers on import)
        from trackline.book.cards import listening
        from trackline.book.tiers import serving

        preview.listen()
        listening.listen()
        serving.register_all()
        post_migrate.connect(defaults.ensure, sender=self)

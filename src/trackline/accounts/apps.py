"""Django app of the hall."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """Registers the shared record types and the defaults every book needs."""

    name = "trackline.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare record types; create default roles and settings after each migrate."""
        from trackline.accounts import completeness, defaults, live, records  # noqa: F401
        from trackline.accounts.rulebook import listening, rewiring
        from trackline.accounts.services import measures

        completeness.listen()
        measures.listen()
        listening.listen()
        rewiring.listen()
        live.register_all()
        post_migrate.connect(defaults.ensure, sender=self)

"""Django app of the room."""

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    """Registers the room's record types once all models are loaded."""

    name = "trackline.workspace"
    label = "workspace"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell dashboards how saved views are read."""
        from trackline.workspace.queries.dashboards import views

        views.register()

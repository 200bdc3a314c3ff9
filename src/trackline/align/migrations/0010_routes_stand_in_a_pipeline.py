"""Routes without a pipeline stand in the one for new routes, in its first stage of their state."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def place(apps: Any, editor: Any) -> None:
    """Give routes without a pipeline the one for new routes; their moves so far name its stages."""
    alias = editor.connection.alias
    routes = apps.get_model("align", "Route").objects.using(alias).filter(pipeline=None)
    moves = apps.get_model("align", "RouteTransition").objects.using(alias)
    found = apps.get_model("align", "Pipeline").objects.using(alias).filter(is_default=True, deleted_at=None).first()
    if found is None:
        return
    first: dict[str, str] = {}
    for stage in found.stages.using(alias).filter(deleted_at=None).order_by("position", "pk"):
        first.setdefault(stage.state, stage.key)
    for state, key in first.items():
        moves.filter(route__pipeline=None, to_state=state, to_stage="").update(to_stage=key)
        moves.filter(route__pipeline=None, from_state=state, from_stage="").update(from_stage=key)
        routes.filter(state=state).update(stage=key)
    routes.update(pipeline=found)


class Migration(migrations.Migration):
    """Moves rows only."""

    dependencies = [("align", "0009_whitespace_scores")]

    operations = [migrations.RunPython(place, migrations.RunPython.noop)]

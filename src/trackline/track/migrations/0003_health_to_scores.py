"""Health scores move into the table of all scores; none is lost."""

from typing import Any

from django.db import migrations

PREFIX = "track.health."
COLUMNS = ("account_id", "on", "value", "band", "coverage_pct", "parts", "inputs", "missing", "details", "version")
AT_ONCE = 2000


def move(apps: Any, editor: Any) -> None:
    """Copy each health score under the id of its rule."""
    alias = editor.connection.alias
    rows = apps.get_model("track", "HealthScore").objects.using(alias).values("preset", *COLUMNS).order_by("pk")
    scores = apps.get_model("accounts", "Score")
    _copy(rows, scores, alias, lambda row: scores(rule=PREFIX + row.pop("preset"), **row))


def move_back(apps: Any, editor: Any) -> None:
    """Move the scores of the two health models back."""
    alias, rules = editor.connection.alias, [f"{PREFIX}usage", f"{PREFIX}relationship"]
    scores = apps.get_model("accounts", "Score").objects.using(alias).filter(rule__in=rules)
    health = apps.get_model("track", "HealthScore")
    rows = scores.values("rule", *COLUMNS).order_by("pk")
    _copy(rows, health, alias, lambda row: health(preset=row.pop("rule").removeprefix(PREFIX), **row))
    scores.delete()


def _copy(rows: Any, model: Any, alias: str, made: Any) -> None:
    held = []
    for row in rows.iterator(chunk_size=AT_ONCE):
        held.append(made(row))
        if len(held) == AT_ONCE:
            model.objects.using(alias).bulk_create(held)
            held = []
    model.objects.using(alias).bulk_create(held)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_scores"),
        ("track", "0002_health_score"),
    ]

    operations = [
        migrations.RunPython(move, move_back),
        migrations.DeleteModel(name="HealthScore"),
    ]

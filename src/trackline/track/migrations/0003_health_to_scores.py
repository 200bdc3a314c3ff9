"""Health scores move into the table of all scores; none is lost."""

from typing import Any

from django.db import migrations

PREFIX = "track.health."
COLUMNS = ("account_id", "on", "value", "band", "coverage_pct", "parts", "inputs", "missing", "details", "version")
AT_ONCE = 2000


def move(apps: Any, _editor: Any) -> None:
    """Copy each health score under the id of its rule."""
    rows = apps.get_model("track", "HealthScore").objects.values("preset", *COLUMNS).order_by("pk")
    scores = apps.get_model("accounts", "Score")
    _copy(rows, scores, lambda row: scores(rule=PREFIX + row.pop("preset"), **row))


def move_back(apps: Any, _editor: Any) -> None:
    """Move the scores of the two health models back."""
    scores = apps.get_model("accounts", "Score").objects.filter(rule__in=[f"{PREFIX}usage", f"{PREFIX}relationship"])
    health = apps.get_model("track", "HealthScore")
    rows = scores.values("rule", *COLUMNS).order_by("pk")
    _copy(rows, health, lambda row: health(preset=row.pop("rule").removeprefix(PREFIX), **row))
    scores.delete()


def _copy(rows: Any, model: Any, made: Any) -> None:
    held = []
    for row in rows.iterator(chunk_size=AT_ONCE):
        held.append(made(row))
        if len(held) == AT_ONCE:
            model.objects.bulk_create(held)
            held = []
    model.objects.bulk_create(held)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_scores"),
        ("track", "0002_health_score"),
    ]

    operations = [
        migrations.RunPython(move, move_back),
        migrations.DeleteModel(name="HealthScore"),
    ]

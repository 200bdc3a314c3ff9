"""The limits of a goal's status were settings of the book; they are figures of the rule of its progress."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models import Max

RULE = "reveal.goal.progress"
KEYS = {"goal.at_risk_gap": "at_risk_gap", "goal.off_track_gap": "off_track_gap"}
SHIPPED = {"at_risk_gap": -10, "off_track_gap": -25}
REASON = "Was a setting of the book before the rulebook held it."


def move_goal_limits(apps: Any, editor: Any) -> None:
    """Lay each dated value of the settings over the rule for all accounts; of two acts the later day counts, as ever.

    A goal was never at risk where the limits were crossed: the lower one then is the other.
    """
    alias = editor.connection.alias
    settings = apps.get_model("accounts", "Setting").objects.using(alias)
    overrides = apps.get_model("accounts", "RuleOverride").objects.using(alias)
    rows = list(settings.filter(key__in=KEYS).order_by("valid_from", "pk"))
    number = overrides.filter(rule=RULE).aggregate(last=Max("number"))["last"] or 0
    held, said = dict(SHIPPED), {}
    for day in dict.fromkeys(row.valid_from for row in rows):
        of_day = [row for row in rows if row.valid_from == day]
        before = dict(held)
        held |= {KEYS[row.key]: row.value for row in of_day}
        held["off_track_gap"] = min(held["off_track_gap"], held["at_risk_gap"])
        changes = {name: value for name, value in held.items() if value != SHIPPED[name]}
        if changes == said:
            continue
        said, number = changes, number + 1
        overrides.create(
            rule=RULE,
            number=number,
            scope="all",
            changes=changes,
            from_on=day,
            reason=REASON,
            moves=[
                {"path": name, "before": before[name], "after": held[name]}
                for name in held
                if before[name] != held[name]
            ],
            created_at=of_day[-1].changed_at,
            created_by_id=of_day[-1].changed_by_id,
        )
    settings.filter(key__in=KEYS).delete()


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("accounts", "0005_put_off")]

    operations = [migrations.RunPython(move_goal_limits, migrations.RunPython.noop)]

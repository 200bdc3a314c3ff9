"""Metrics say whether the values of several accounts make a sum; those that every book starts with know it."""

from typing import Any

from django.db import migrations, models

ADD_UP = (
    "arr", "revenue", "innovation_pipeline", "joint_ip", "seats_licensed", "seats_active_weekly", "dau", "mau",
    "tickets_open", "tickets_new", "tickets_escalated", "backlog", "sla_amber", "customer_spend", "pipeline_weighted",
    "pipeline_target", "cost_to_serve", "cost_to_serve_plan", "working_capital_charge", "unauthorized_access",
    "failed_logins_priv", "edr_high", "competitive_intrusion",
)  # fmt: skip


def mark(apps: Any, editor: Any) -> None:
    """Mark the metrics that every book starts with."""
    metrics = apps.get_model("accounts", "Metric").objects.using(editor.connection.alias)
    metrics.filter(key__in=ADD_UP, account__isnull=True).update(adds_up=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_same_person")]

    operations = [
        migrations.AddField(
            model_name="metric",
            name="adds_up",
            field=models.BooleanField(
                default=False,
                help_text="Values of several accounts make a sum, as revenue and tickets do; rates, scores and times do not.",
                verbose_name="adds up over accounts",
            ),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]

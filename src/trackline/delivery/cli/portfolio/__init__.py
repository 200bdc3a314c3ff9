"""`trackline portfolio`: figures of the whole book."""

from __future__ import annotations

import click

from trackline.delivery.cli.output import examples

from .forecast import accuracy_, forecast_, pipeline_
from .growth import initiatives_, readiness_, whitespace_
from .revenue import at_risk_, renewals_, retention_
from .scorecards import scorecard_, scorecards_
from .scoring import backtest_, by_size_, scenario_, score_
from .tiers import tier_, tiers_


@click.group(
    epilog=examples(
        "trackline portfolio score",
        "trackline portfolio by-size",
        "trackline portfolio forecast --json",
        "trackline portfolio pipeline --by owner --state won",
        "trackline portfolio retention --from 2025-12-31 --to 2026-12-31",
        "trackline portfolio renewals --days 180",
        "trackline portfolio at-risk --owner katrin-vogel",
        "trackline portfolio tiers --show differs",
        "trackline portfolio tier ardent-rail --to 2",
        "trackline portfolio whitespace --show go",
        "trackline portfolio readiness --show ready",
        "trackline portfolio initiatives",
        "trackline portfolio backtest --as-of 2025-12-31",
        "trackline portfolio scorecards --level manager",
        "trackline portfolio scenario --weight values=2 --capacity 1=4",
    )
)
def command() -> None:
    """Figures of the whole book, in its own currency at stored rates."""


for one in (
    score_,
    by_size_,
    backtest_,
    scenario_,
    forecast_,
    accuracy_,
    pipeline_,
    retention_,
    renewals_,
    at_risk_,
    tiers_,
    tier_,
    whitespace_,
    readiness_,
    initiatives_,
    scorecards_,
    scorecard_,
):
    command.add_command(one)

"""What writes of sponsor pairings mean."""

from __future__ import annotations

from typing import Any, cast

from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.decimals import q6
from trackline.kickoff.rules.sponsor import PairParameters, match
from trackline.kit.policy import Context
from trackline.kit.problems import Invalid


def prepare_sponsorship(ctx: Context, pairing: Any, changed: set[str], _links: dict[str, list[int]]) -> None:
    """A pairing starts once its sponsor has confirmed the hours that are asked for (SPON-03)."""
    if pairing.active_from and {"active_from", "hours_month"} & changed:
        figures = Overrides.load(ctx.today).in_force(
            match, ctx.today, tier=pairing.account.tier, account_id=pairing.account_id
        )
        least = cast(PairParameters, figures.parameters).hours["least"]
        if pairing.hours_month is None or q6(pairing.hours_month) < q6(least):
            text = f"A sponsor confirms at least {least} hours a month before the pairing starts."
            raise Invalid.fields({"hours_month": text})

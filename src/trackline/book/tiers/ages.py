"""How old the figures are that a tier decision rests on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Max

from trackline.accounts.models import Observation
from trackline.book.rules.tier_facts import wiring
from trackline.track.models import HealthSnapshot, Response

KINDS = ("revenue", "margin", "relationship")


def ages_of(account: int, today: date) -> dict[str, int | None]:
    """Return how many days old the newest figures of revenue, margin and relationship are, as the rule takes them."""
    return dict(ages_by([account], today)[account])


def ages_by(ids: Collection[int], today: date) -> Mapping[int, Mapping[str, int | None]]:
    """Return the same of several accounts, in three queries. Snapshots of health and answers to surveys tell of the
    relationship too. Source: PF-13."""
    wired = wiring()
    wanted = list(ids)
    kinds = {key: kind for kind in KINDS for key in wired.metrics[f"fresh_{kind}"]}
    newest: dict[tuple[int, str], date] = {}

    def tell(account: int, kind: str, on: date) -> None:
        newest[account, kind] = max(on, newest.get((account, kind), on))

    readings = Observation.objects.filter(
        deleted_at__isnull=True,
        account__in=wanted,
        metric__key__in=list(kinds),
        metric__account__isnull=True,
        on__lte=today,
    )
    for account, key, on in readings.order_by().values_list("account", "metric__key").annotate(last=Max("on")):
        tell(account, kinds[key], on)
    snapshots = HealthSnapshot.objects.filter(deleted_at__isnull=True, account__in=wanted, on__lte=today)
    for account, on in snapshots.order_by().values_list("account").annotate(last=Max("on")):
        tell(account, "relationship", on)
    answers = Response.objects.filter(deleted_at__isnull=True, wave__account__in=wanted, on__lte=today)
    for account, on in answers.order_by().values_list("wave__account").annotate(last=Max("on")):
        tell(account, "relationship", on)
    return {
        pk: {f"{kind}_days": (today - newest[pk, kind]).days if (pk, kind) in newest else None for kind in KINDS}
        for pk in wanted
    }

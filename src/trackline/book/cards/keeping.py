"""What happens to scorecards by itself: results are kept, metrics that turn worse ask their owners, late answers go further up.

Source: SC-08, SC-13.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, Q

from trackline.accounts.settings import setting
from trackline.book.cards.judging import WORDS, Judged, Line, judge, with_lines
from trackline.book.models import Scorecard, ScorecardBreach, ScorecardResult
from trackline.book.rules.card_status import WORSE, breach
from trackline.core.decimals import plain
from trackline.core.periods import quarter_of
from trackline.core.scales import UNKNOWN
from trackline.kit.policy import Context
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.watch.owners import Owners

WATCHED = (Scorecard.State.SHADOW, Scorecard.State.LIVE)
DAILY = timedelta(days=35)
"""Results of each day are kept so long, then those of Mondays and the last of each quarter."""
CHUNK = 200
"""So many cards of accounts are judged at once."""


@dataclass
class Kept:
    """What was done: cards judged, breaches opened, over, and passed on."""

    judged: int = 0
    opened: int = 0
    over: int = 0
    escalated: int = 0


def keep_scorecards(
    ctx: Context,
    on: date | None = None,
    *,
    only: Collection[int] | None = None,
    breaches: bool = True,
    at: datetime | None = None,
) -> Kept:
    """Judge the cards in shadow and live as of a day (today), keep what they found, open breaches of what turned worse and close
    those that are over, then pass on the answers that are late. Doing it again changes nothing.

    `only` names cards. With `breaches` off results are kept alone. For a day past `at` is when its breaches were opened; no answer
    is passed on then.
    """
    done, on = Kept(), on or ctx.today
    cards = Scorecard.objects.alive().filter(state__in=WATCHED)
    ids = list((cards if only is None else cards.filter(pk__in=list(only))).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        part = with_lines(Scorecard.objects.filter(pk__in=ids[start : start + CHUNK]).order_by("pk"))
        judged = judge(ctx, part, on)
        before = _bands_before(judged, on)
        _store(judged, on)
        done.judged += len(judged)
        if breaches:
            _tell(ctx, judged, before, done, at or ctx.now)
    if breaches and at is None:
        done.escalated = pass_on(ctx)
    return done


def pass_on(ctx: Context) -> int:
    """Pass unanswered breaches whose time is over to the owner's manager, else the account's sponsor, else an administrator."""
    rows = ScorecardBreach.objects.alive().filter(
        state="open", shadow=False, due_at__lt=ctx.now, escalated_at__isnull=True, line__scorecard__state="live"
    )
    late = list(rows.select_related("owner", "line__scorecard__account"))
    if not late:
        return 0
    owners = Owners.of(())
    for one in late:
        account = one.line.scorecard.account
        to = (
            (one.owner.manager_id if one.owner else None)
            or (account.exec_sponsor_id if account else None)
            or owners.admin
        )
        records.update(ctx, registry.get("scorecard_breach"), one.pk, {"escalated_to": to})
    return len(late)


def line_json(line: Line) -> dict[str, Any]:
    """Return a line as results keep it: the value with the targets and weight that it was judged by."""
    one = line.line
    found: dict[str, Any] = plain(
        {
            "metric_id": one.metric_id, "metric": one.metric.key, "name": one.name, "unit": one.metric.unit,
            "domain": one.domain, "value": line.found.value, "minimum": one.minimum, "committed": one.committed,
            "stretch": one.stretch, "weight": one.weight, "flag": one.flag, "attainment": line.attainment,
            "contribution": line.contribution, "band": line.band, "currency": line.found.currency,
        }
    )  # fmt: skip
    return found


# -- inside --------------------------------------------------------------------------------------------------------


def _bands_before(judged: Sequence[Judged], on: date) -> dict[tuple[int, int], str]:
    """The band of each line in the newest result before a day, else in that of the day itself as it was kept; two queries."""
    cards = [one.card.pk for one in judged]
    rows = ScorecardResult.objects.filter(scorecard__in=cards, on__lte=on)
    newest = dict(rows.order_by().values_list("scorecard").annotate(Max("on")))
    kept = rows.filter(on__in=set(newest.values()))
    return {
        (row.scorecard_id, line["metric_id"]): line["band"]
        for row in kept
        if newest[row.scorecard_id] == row.on
        for line in row.lines
    }


def _store(judged: Sequence[Judged], on: date) -> None:
    """Keep the result of a day; the last one of a quarter that is over is locked with the next."""
    quarter = quarter_of(on, int(setting("book.fiscal_year_start_month")))
    ScorecardResult.objects.bulk_create(
        [
            ScorecardResult(
                scorecard=one.card, on=on, value=one.value, band=one.band, coverage_pct=one.result.coverage_pct,
                provisional=one.result.provisional, mode=one.card.mode, lines=[line_json(line) for line in one.lines],
                version=one.result.version,
            )
            for one in judged
        ],
        update_conflicts=True,
        unique_fields=["scorecard", "on"],
        update_fields=["value", "band", "coverage_pct", "provisional", "mode", "lines", "version"],
    )  # fmt: skip
    results = ScorecardResult.objects.filter(scorecard__in=[one.card.pk for one in judged])
    past = results.filter(on__lt=quarter.start, on__gte=quarter.start - timedelta(days=92)).order_by()
    last = Q(pk__in=[])
    for card, day in past.values_list("scorecard").annotate(Max("on")):
        last |= Q(scorecard=card, on=day)
    results.filter(last, locked=False).update(locked=True)
    results.filter(locked=False, on__lt=on - DAILY).exclude(on__iso_week_day=1).delete()


def _tell(
    ctx: Context, judged: Sequence[Judged], before: Mapping[tuple[int, int], str], done: Kept, at: datetime
) -> None:
    """Open breaches of lines that turned worse, follow those that are open, and end those whose line is good again."""
    lines = [(one.card, line) for one in judged for line in one.lines]
    rows = ScorecardBreach.objects.alive().exclude(state="over").filter(line__in=[line.line.pk for _, line in lines])
    standing = {one.line_id: one for one in rows}
    rtype = registry.get("scorecard_breach")
    for card, line in lines:
        was, now = before.get((card.pk, line.line.metric_id), UNKNOWN), line.band
        there = standing.get(line.line.pk)
        if there is not None:
            if now != UNKNOWN and WORSE[now] <= WORSE[there.from_band]:
                records.update(ctx, rtype, there.pk, {"state": "over"})
                done.over += 1
            elif now != UNKNOWN and WORSE[now] > WORSE[there.to_band]:
                worse = {"to_band": now, "value": line.found.value, "title": title_of(line, there.from_band, now)}
                records.update(ctx, rtype, there.pk, worse | {"state": "open"})
            continue
        if UNKNOWN in (was, now) or not breach({"before": was, "now": now}, as_of=ctx.today).value:
            continue
        data: dict[str, Any] = {
            "line": line.line.pk, "title": title_of(line, was, now), "from_band": was, "to_band": now,
            "value": line.found.value, "opened_at": at,
        }  # fmt: skip
        records.create(ctx, rtype, data)
        done.opened += 1


def title_of(line: Line, was: str, now: str) -> str:
    """Return what happened to a metric in a line."""
    words = line.found.words(line.found.value)
    return f"{line.line.name} {words}: {WORDS[was].lower()} before, {WORDS[now].lower()} now"[:250]

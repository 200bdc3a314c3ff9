"""Scores computed anew and kept: the one way in which scores and their ledger are written.

The number of queries does not grow with the accounts of a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from trackline.accounts.models import Score, ScoreVersion
from trackline.accounts.rulebook import ledger
from trackline.accounts.rulebook.computing import preset_of, scores_of
from trackline.accounts.rulebook.ledger import Cause, Occasion
from trackline.accounts.rulebook.live import Batch, LiveRule, followers, live_rules
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import InForce
from trackline.kit.many import insert, upsert

AT_ONCE = 1000
AT_ONCE_BACK = 100
"""So many accounts at a time where each has scores of many weeks."""
HISTORY_WEEKS = 26
KEEP_DAYS = 7
"""A result that changes nothing is kept again only after so many days. Source: HLT-04."""
KEY = ("account", "rule", "preset", "on")

Line = tuple[int, str, str]
Pair = tuple[Score | None, Score]
"""A score and the one before it."""


def refresh_scores(
    account_ids: Iterable[int],
    today: date,
    *,
    rules: Sequence[LiveRule] | None = None,
    cause: Cause | None = None,
    by: int | None = None,
    at: datetime | None = None,
    weeks_back: int = 0,
    progress: Callable[[int, int], None] | None = None,
    tell: Callable[[Sequence[Pair]], None] | None = None,
) -> None:
    """Compute rules (default: all) on accounts as of a day, keep the scores, and write what changed into the ledger.

    `cause`, `by` and `at` say what set this off, who and when; without a cause each change names what it finds.
    With `weeks_back` rules that can look back are computed for the weeks before too. `progress` is told how many accounts
    are done, and how many there are; `tell` is given each score whose finding changed, with the one before it.
    """
    chosen = live_rules() if rules is None else list(rules)
    occasion = Occasion(at or timezone.now(), cause, by)
    days = [today - timedelta(weeks=back) for back in range(weeks_back, -1, -1)]
    ids = list(dict.fromkeys(account_ids))
    overrides = {on: Overrides.load(on) for on in days}
    step = AT_ONCE_BACK if weeks_back else AT_ONCE
    for start in range(0, len(ids), step):
        batch = Batch(ids[start : start + step], days, chosen)
        with transaction.atomic():
            changed = _refresh(batch, overrides, occasion)
        if tell is not None:
            tell(changed)
        if progress is not None:
            progress(min(start + step, len(ids)), len(ids))


def _refresh(batch: Batch, overrides: Mapping[date, Overrides], occasion: Occasion) -> list[Pair]:
    before = _newest_before(batch)
    kept: list[Score] = []
    pairs: list[Pair] = []
    newest: dict[Line, Score] = {}
    for on in batch.days:
        for score in scores_of(batch, on, overrides[on]):
            last = before.get(score.key)
            if on < batch.today or _is_worth_keeping(last, score, occasion):
                kept.append(score)
            if last is None or last.finding != score.finding:
                pairs.append((last, score))
            newest[score.key] = before[score.key] = score
    _note_versions(kept, batch, overrides, occasion)
    upsert(kept, KEY)
    insert(ledger.changes(pairs, occasion))
    done = {live.rule.id for live in batch.rules}
    for rule_ids, follower in followers:
        if rule_ids & done:
            follower(newest, batch)
    return pairs


def _newest_before(batch: Batch) -> dict[Line, Score]:
    """The newest score of each line up to the first of the days; one query."""
    rows = Score.objects.filter(
        account__in=batch.ids, rule__in=[live.rule.id for live in batch.rules], on__lte=batch.days[0]
    )
    last = Score.objects.filter(
        account=OuterRef("account"), rule=OuterRef("rule"), preset=OuterRef("preset"), on__lte=batch.days[0]
    )
    return {row.key: row for row in rows.filter(on=Subquery(last.order_by("-on").values("on")[:1]))}


def _is_worth_keeping(last: Score | None, score: Score, occasion: Occasion) -> bool:
    if last is None or occasion.cause or last.on == score.on or last.finding != score.finding:
        return True
    return (score.on - last.on).days >= KEEP_DAYS


def _values(score: Score) -> Mapping[str, object]:
    return {name: told["value"] for name, told in score.inputs.items()}


def _note_versions(
    kept: Iterable[Score], batch: Batch, overrides: Mapping[date, Overrides], occasion: Occasion
) -> None:
    """Keep the parameters of versions that were not seen before."""
    seen = {score.version: score for score in kept}
    known = set(ScoreVersion.objects.filter(version__in=list(seen)).values_list("version", flat=True))
    rules = {live.rule.id: live.rule for live in batch.rules}
    new = []
    for version, score in seen.items():
        if version not in known:
            found: InForce = overrides[score.on].in_force(
                rules[score.rule],
                score.on,
                tier=batch.tiers[score.account_id],
                account_id=score.account_id,
                preset=preset_of(rules[score.rule], score.preset, _values(score)),
            )
            new.append((version, score, found))
    ScoreVersion.objects.bulk_create(
        [
            ScoreVersion(
                version=version, rule=score.rule, preset=score.preset, parameters=found.echo, first_at=occasion.at
            )
            for version, score, found in new
        ],
        ignore_conflicts=True,
    )

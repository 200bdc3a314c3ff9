"""The ranking as kept by the last run: rows in the actor's scope, their change since the run before, cuts, distribution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet

from trackline.accounts.rates import Rates, Sum
from trackline.book.models import ScoringRun, Standing
from trackline.kit.policy import Context
from trackline.kit.records.queries import scoped
from trackline.kit.records.text import normalise
from trackline.kit.records.types import registry
from trackline.workspace.queries.book.asked import NONE, PAGE_SIZE, Asked

COLOURS = ("s1", "s2", "s3", "s4", "s5")
OTHERS = "s6"
BINS = 20
ACCOUNT = ("key", "name", "tier", "watch", "arr", "currency", "health", "region", "industry", "owner__name", "owner_id")
STANDING = (
    "account_id", "score", "rank", "percentile", "tier", "volatility", "tier_changes", "flagged", "provisional",
    "imputed_pct", "criteria",
)  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Criteria shown as one colour."""

    key: str
    label: str
    css: str
    share: Decimal
    criteria: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """An account of the ranking. `bar` is what each group adds, medians standing in apart; `moved` is in ranks."""

    pk: int
    standing: Mapping[str, Any]
    account: Mapping[str, Any]
    arr: Decimal | None
    bar: list[tuple[str, Decimal]]
    told: str
    change: Decimal | None
    moved: int | None
    cut_above: str = ""

    @property
    def imputed(self) -> int:
        """How many criteria stand on medians."""
        return sum(part["imputed"] for part in self.standing["criteria"])

    @property
    def band(self) -> str:
        """The colour of the account's health."""
        return (self.account["health"] or {}).get("band") or "unknown"

    @property
    def crosses(self) -> bool:
        """Whether the cut-offs propose another tier."""
        return bool(self.account["tier"] != self.standing["tier"])


@dataclass(frozen=True)
class Level:
    """A tier with its cut, how many of all accounts reach it, and how many hold it today among those seen."""

    number: int | None
    cut: Decimal | None
    count: int


@dataclass(frozen=True)
class Ranking:
    """A page of the ranking. `crossing` counts accounts in scope whose tier the cut-offs do not propose."""

    run: ScoringRun
    before: ScoringRun | None
    asked: Asked
    groups: list[Group]
    rows: list[Row]
    found: int
    seen: int
    crossing: int
    money: Sum
    levels: list[Level]
    bins: list[int]
    choices: Mapping[str, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The number of the first row shown."""
        return (self.asked.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return self.first + len(self.rows) - 1

    @cached_property
    def imputed_somewhere(self) -> bool:
        """Whether any bar shown stands on medians."""
        return any(row.imputed for row in self.rows)


def latest_run() -> ScoringRun | None:
    """Return the newest run with the model it used."""
    return ScoringRun.objects.select_related("model").first()


def run_before(run: ScoringRun) -> ScoringRun | None:
    """Return the run that changes are told against."""
    return ScoringRun.objects.filter(on__lt=run.on).first()


def ranking(ctx: Context, run: ScoringRun, asked: Asked, rates: Rates, *, whole: bool = False) -> Ranking:
    """Return a page of the ranking, or the `whole` of it for a file. The number of queries does not grow with accounts."""
    seen = standings(ctx, run)
    chosen = _narrowed(seen, asked)
    facts = list(chosen.values("account_id", "score", "rank", *(f"account__{name}" for name in _ORDERING)))
    before_run = run_before(run)
    before = _before(before_run)
    ordered = sorted(facts, key=_key(asked.order.removeprefix("-"), before, rates), reverse=asked.order.startswith("-"))
    page = ordered if whole else ordered[(asked.page - 1) * PAGE_SIZE : asked.page * PAGE_SIZE]
    ids = [row["account_id"] for row in page]
    groups = groups_of(run)
    details = {
        row["account_id"]: row
        for row in seen.filter(account__in=ids).values(*STANDING, *(f"account__{name}" for name in ACCOUNT))
    }
    rows = [row_of(details[pk], groups, before.get(pk), rates) for pk in ids]
    scores = list(run.standings.values_list("score", "tier"))
    return Ranking(
        run,
        before_run,
        asked,
        groups,
        _with_cuts(rows, run) if asked.order == "rank" and not asked.narrowed else rows,
        len(facts),
        seen.count() if asked.narrowed else len(facts),
        seen.exclude(account__tier=F("tier")).exclude(account__tier=None, tier=None).count(),
        rates.in_book((row["account__arr"], row["account__currency"]) for row in facts),
        _levels(run, scores),
        _bins([score for score, _ in scores]),
        {} if whole else _choices(seen),
    )


def standings(ctx: Context, run: ScoringRun) -> QuerySet[Standing]:
    """Return the standings of a run that the actor may see: those of living accounts in scope."""
    accounts = scoped(ctx, registry.get("account"))
    return Standing.objects.filter(run=run, account__in=accounts)


def groups_of(run: ScoringRun) -> list[Group]:
    """Return the criteria that scored, gathered into at most six colours by their group, else one each."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in run.criteria:
        if row["share_pct"] is not None:
            groups.setdefault(row["group"] or row["label"], []).append(row)
    found = [
        Group(
            label,
            label,
            COLOURS[at] if at < len(COLOURS) else OTHERS,
            sum((Decimal(str(row["share_pct"])) for row in rows), Decimal(0)),
            tuple(row["key"] for row in rows),
        )
        for at, (label, rows) in enumerate(groups.items())
    ]
    if len(found) <= len(COLOURS) + 1:
        return found
    rest = found[len(COLOURS) :]
    keys = tuple(key for group in rest for key in group.criteria)
    others = Group("others", "Others", OTHERS, sum((group.share for group in rest), Decimal(0)), keys)
    return [*found[: len(COLOURS)], others]


def row_of(details: Mapping[str, Any], groups: Sequence[Group], before: Mapping[str, Any] | None, rates: Rates) -> Row:
    """Return a row out of a standing and its account."""
    standing = {name: details[name] for name in STANDING}
    account = {name: details[f"account__{name}"] for name in ACCOUNT}
    parts = {part["key"]: part for part in standing["criteria"]}
    bar: list[tuple[str, Decimal]] = []
    words = []
    for group in groups:
        own = [parts[key] for key in group.criteria if key in parts]
        known = sum((Decimal(str(part["contribution"])) for part in own if not part["imputed"]), Decimal(0))
        assumed = sum((Decimal(str(part["contribution"])) for part in own if part["imputed"]), Decimal(0))
        bar += [(group.css, known), ("none", assumed)]
        words.append(f"{group.label} {known + assumed:.1f}" + (f" ({assumed:.1f} by medians)" if assumed else ""))
    return Row(
        standing["account_id"],
        standing,
        account,
        rates.convert(account["arr"], account["currency"]),
        bar,
        f"{standing['score']:.1f} of 100: {', '.join(words)}",
        None if before is None else standing["score"] - before["score"],
        None if before is None else before["rank"] - standing["rank"],
    )


# -- inside --------------------------------------------------------------------------------------------------------

_ORDERING = ("name", "tier", "arr", "currency")


def _narrowed(rows: QuerySet[Standing], asked: Asked) -> QuerySet[Standing]:
    for word in normalise(asked.q).split():
        rows = rows.filter(account__search_text__contains=word)
    for name, value in asked.filters.items():
        rows = rows.filter(_condition(name, value))
    return rows


def _condition(name: str, value: str) -> Q:
    path = "tier" if name == "proposed" else f"account__{name}"
    if name in ("region", "industry"):
        return Q(**{path: "" if value == NONE else value})
    if value == NONE:
        return Q(**{f"{path}__isnull": True})
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        return Q(pk__in=[])
    return Q(**{path: int(value)})


def _before(run: ScoringRun | None) -> dict[int, Mapping[str, Any]]:
    if run is None:
        return {}
    rows: Iterable[Mapping[str, Any]] = run.standings.values("account_id", "score", "rank")
    return {row["account_id"]: row for row in rows}


def _key(order: str, before: Mapping[int, Mapping[str, Any]], rates: Rates) -> Callable[[Mapping[str, Any]], Any]:
    """What rows are ordered by; what is not known stands last when rising."""

    def change(row: Mapping[str, Any]) -> Any:
        was = before.get(row["account_id"])
        return row["score"] - was["score"] if was else Decimal("-1000")

    by: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "rank": lambda row: row["rank"],
        "score": lambda row: row["score"],
        "name": lambda row: row["account__name"].casefold(),
        "tier": lambda row: row["account__tier"] or 4,
        "arr": lambda row: rates.convert(row["account__arr"], row["account__currency"]) or Decimal(0),
        "change": change,
    }
    return lambda row: (by[order](row), row["rank"], row["account__name"], row["account_id"])


def _with_cuts(rows: Sequence[Row], run: ScoringRun) -> list[Row]:
    """Mark the first row of each tier with the cut it lies below."""
    out: list[Row] = []
    for at, row in enumerate(rows):
        above = rows[at - 1].standing["tier"] if at else row.standing["tier"]
        crossed = range(above or 4, row.standing["tier"] or 4) if at else range(0)
        told = [
            f"Tier {tier} from {Decimal(str(run.cuts[tier - 1])):.1f}"
            for tier in crossed
            if run.cuts[tier - 1] is not None
        ]
        out.append(Row(**{**row.__dict__, "cut_above": ", ".join(told)}) if told else row)
    return out


def _levels(run: ScoringRun, scores: Sequence[tuple[Decimal, int | None]]) -> list[Level]:
    counts: dict[int | None, int] = {}
    for _, tier in scores:
        counts[tier] = counts.get(tier, 0) + 1
    cuts = [None if cut is None else Decimal(str(cut)) for cut in run.cuts]
    found = [Level(number, cut, counts.get(number, 0)) for number, cut in enumerate(cuts, 1)]
    return [*found, Level(None, None, counts[None])] if counts.get(None) else found


def _bins(scores: Sequence[Decimal]) -> list[int]:
    """How many scores lie in each twentieth of the scale."""
    found = [0] * BINS
    for score in scores:
        found[min(int(score * BINS / 100), BINS - 1)] += 1
    return found


def _choices(seen: QuerySet[Standing]) -> dict[str, list[tuple[str, str]]]:
    """The owners, regions and industries there are among the accounts seen."""
    rows = seen.order_by().values_list(
        "account__owner_id", "account__owner__name", "account__region", "account__industry"
    )
    owners: dict[str, str] = {}
    words: dict[str, set[str]] = {"region": set(), "industry": set()}
    for owner, name, region, industry in rows.distinct():
        if owner is not None:
            owners[str(owner)] = name
        words["region"].add(region)
        words["industry"].add(industry)
    tiers = [("1", "Tier 1"), ("2", "Tier 2"), ("3", "Tier 3"), (NONE, "No tier")]
    return {
        "owner": sorted(owners.items(), key=lambda item: item[1].casefold()),
        "tier": tiers,
        "proposed": tiers,
        **{name: [(word, word) for word in sorted(found - {""}, key=str.casefold)] for name, found in words.items()},
    }

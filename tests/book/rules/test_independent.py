"""The book's rules beside a second reading of their entries, written with fractions and nothing of ours, on random cases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import NormalDist, median, pstdev
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trackline.core.playbook import Explained, run

DAY = date(2026, 6, 30)
SIX = Fraction(1, 10**6)
Row = dict[str, Any]

number = st.integers(-5_000, 5_000).map(lambda whole: Decimal(whole) / 100)
share = st.one_of(
    st.integers(0, 100).map(Decimal),
    st.integers(0, 10_000).map(lambda whole: Decimal(whole) / 100),
    st.sampled_from([30, 50, 60, 70, 80, 90]).map(Decimal),
)
yes_or_no = st.none() | st.booleans()


def rule(name: str, inputs: Row) -> Explained:
    return run(name, inputs, as_of=DAY)


def six(value: Any) -> Fraction:
    """A number as thresholds see it: six decimals."""
    return Fraction(round(Fraction(value) / SIX)) * SIX


def same(ours: Any, theirs: Any) -> bool:
    """Both unknown, or equal to nine decimals: a deviation has a root in it."""
    if ours is None or theirs is None:
        return ours is theirs
    return abs(Fraction(ours) - Fraction(theirs)) <= Fraction(1, 10**9) * max(1, abs(Fraction(theirs)))


def quantile(values: list[Fraction], share: Fraction) -> Fraction:
    """Linear between the two neighbours, ends included."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


# -- composite ---------------------------------------------------------------------------------------------------------


def ten(value: Fraction) -> Fraction:
    """A score as ranks see it: what is equal further out is equal."""
    return Fraction(round(value, 10))


def ranked(scores: list[Fraction]) -> list[int]:
    return [1 + sum(ten(other) > ten(score) for other in scores) for score in scores]


def composite(criteria: list[Row], accounts: list[Row], normaliser: str) -> list[Row]:
    total = sum(Fraction(item["weight"]) for item in criteria)
    scored: list[Row] = [{"contributions": {}, "imputed": [], "normalised": {}} for _ in accounts]
    for item in criteria:
        key, weight = item["key"], Fraction(item["weight"]) / total
        known = [Fraction(row["values"][key]) for row in accounts if row["values"].get(key) is not None]
        middle = Fraction(median(known))
        values = [Fraction(row["values"][key]) if row["values"].get(key) is not None else middle for row in accounts]
        low, high = min(values), max(values)
        for account, row, value in zip(scored, accounts, values, strict=True):
            if low == high:
                norm = Fraction(1, 2)
            elif normaliser == "minmax":
                norm = (value - low) / (high - low)
            else:
                mean = sum(values) / len(values)
                norm = Fraction(NormalDist().cdf(float(value - mean) / float(pstdev(values))))
            if item["direction"] == "down":
                norm = 1 - norm
            account["normalised"][key] = norm
            account["contributions"][key] = weight * norm
            if row["values"].get(key) is None:
                account["imputed"].append(key)
                account["weight"] = account.get("weight", Fraction(0)) + weight
    scores = [sum(account["contributions"].values(), Fraction(0)) for account in scored]
    for account, score, rank in zip(scored, scores, ranked(scores), strict=True):
        lower = sum(ten(other) < ten(score) for other in scores)
        account |= {
            "score": score,
            "rank": rank,
            "percentile": Fraction(100 * lower, len(scores) - 1) if len(scores) > 1 else Fraction(100),
            "provisional": six(account.get("weight", 0) * 100) > 30,
        }
    return scored


@st.composite
def scoring(draw: Any) -> Row:
    """Criteria of any weight and direction; every criterion is known of one account at least."""
    criteria = [
        {"key": f"c{at}", "weight": weight, "direction": draw(st.sampled_from(["up", "down"]))}
        for at, weight in enumerate(draw(st.lists(st.integers(1, 40), min_size=1, max_size=5)))
    ]
    values = st.none() | st.one_of(number, st.sampled_from([Decimal(0), Decimal(3)]))
    accounts = [
        {"key": f"a{at}", "values": {item["key"]: draw(values) for item in criteria}}
        for at in range(draw(st.integers(1, 13)))
    ]
    for item in criteria:
        if all(row["values"][item["key"]] is None for row in accounts):
            accounts[0]["values"][item["key"]] = draw(number)
    return {"criteria": criteria, "accounts": accounts, "normaliser": draw(st.sampled_from(["minmax", "zcdf"]))}


@given(scoring())
@settings(max_examples=60)
def test_composite(case: Row) -> None:
    expected = composite(**case)
    found = rule("book.score.composite", case)
    assert found.value == len(expected)
    for ours, theirs in zip(found.details["accounts"], expected, strict=True):
        assert (ours["rank"], ours["provisional"]) == (theirs["rank"], theirs["provisional"])
        assert sorted(ours["imputed"]) == sorted(theirs["imputed"])
        assert same(ours["score"], theirs["score"])
        assert same(ours["percentile"], theirs["percentile"])
        for part in ("normalised", "contributions"):
            assert all(same(ours[part][key], value) for key, value in theirs[part].items())


@given(scoring())
@settings(max_examples=30)
def test_sensitivity(case: Row) -> None:
    base = composite(**case)
    before = tiers([100 * row["score"] for row in base], None)[1]
    volatility, flips = [0] * len(base), [False] * len(base)
    for at in range(len(case["criteria"])):
        for factor in (Fraction(9, 10), Fraction(11, 10)):
            moved = [dict(item) for item in case["criteria"]]
            moved[at]["weight"] = Fraction(moved[at]["weight"]) * factor
            after = composite(moved, case["accounts"], case["normaliser"])
            now = tiers([100 * row["score"] for row in after], None)[1]
            for place, (old, new) in enumerate(zip(base, after, strict=True)):
                volatility[place] = max(volatility[place], abs(old["rank"] - new["rank"]))
                flips[place] = flips[place] or now[place] != before[place]
    found = rule("book.score.sensitivity", case)
    accounts = found.details["accounts"]
    assert [row["volatility"] for row in accounts] == volatility
    assert [row["rank"] for row in accounts] == [row["rank"] for row in base]
    limit = max(3, Fraction(len(base), 10))
    assert [row["flagged"] for row in accounts] == [
        moved >= limit or flip for moved, flip in zip(volatility, flips, strict=True)
    ]
    assert found.value == max(volatility)


# -- tiers -------------------------------------------------------------------------------------------------------------


def elbow(values: list[Fraction]) -> Fraction | None:
    """The score that starts the next tier: furthest below the chord from first to last."""
    ordered = sorted(values, reverse=True)
    last = len(ordered) - 1
    if last < 2:
        return None
    below = [
        (ordered[0] + Fraction(at, last) * (ordered[last] - ordered[0]) - value, -at)
        for at, value in enumerate(ordered)
    ]
    furthest, place = max(below)
    return ordered[-place] if furthest > 0 else None


def tiers(scores: list[Any], preset: str | None) -> tuple[list[Fraction | None], list[int | None]]:
    """The cuts, and the tier of each score by them; not for elbows."""
    values = [Fraction(score) for score in scores]
    preset = preset or ("percentile" if len(values) >= 10 else "absolute")
    shares = {"percentile": (90, 55, 20), "band": ("87.5", "52.5"), "book": (80, 20)}.get(preset)
    if preset == "absolute":
        cuts: list[Fraction | None] = [Fraction(70), Fraction(50), Fraction(30)]
    elif shares and values:
        cuts = [quantile(values, Fraction(share) / 100) for share in shares]
        cuts += [None] * (3 - len(cuts))
    else:
        cuts = [None] * 3
    found: list[int | None] = []
    for value in values:
        met = [at for at, cut in enumerate(cuts, 1) if cut is None or six(value) >= six(cut)]
        found.append(min(met) if met else None)
    return cuts, found


@given(st.lists(share, min_size=1, max_size=25), st.sampled_from([None, "percentile", "band", "book", "absolute"]))
@settings(max_examples=100)
def test_cut_offs(scores: list[Decimal], preset: str | None) -> None:
    cuts, expected = tiers(scores, preset)
    found = rule("book.tier.cutoffs", {"scores": scores, "preset": preset})
    assert found.details["tiers"] == expected
    assert all(same(ours, theirs) for ours, theirs in zip(found.details["cuts"], cuts, strict=True))
    assert found.value == expected.count(1)


@given(st.lists(share, min_size=3, max_size=25))
@settings(max_examples=60)
def test_elbows(scores: list[Decimal]) -> None:
    values = [Fraction(score) for score in scores]
    start = elbow(values)
    assume(start is not None)
    rest = [value for value in values if start is not None and value <= start]
    second = elbow(rest)
    found = rule("book.tier.cutoffs", {"scores": scores, "preset": "elbow"})
    for value, tier in zip(values, found.details["tiers"], strict=True):
        assert start is not None
        assert (tier == 1) == (value > start)
        if value <= start and second is not None:
            assert tier == (2 if value > second else 3)


def move_conditions(found: Explained) -> dict[str, bool]:
    return {item["key"]: item["met"] for item in found.details["conditions"]}


@given(
    st.lists(share, max_size=4),
    share,
    st.none() | st.sampled_from([Decimal("14.99"), Decimal(15), Decimal("15.01"), Decimal(-3)]),
    yes_or_no,
    st.none() | st.integers(0, 3),
    st.none() | st.integers(0, 4),
    st.none() | st.sampled_from([Decimal("49.99"), Decimal(50), Decimal(80)]),
    yes_or_no,
)
def test_upgrade(
    cycles: list[Decimal],
    cut: Decimal,
    growth: Decimal | None,
    signed: bool | None,
    joint: int | None,
    access: int | None,
    untapped: Decimal | None,
    capacity: bool | None,
) -> None:
    expected = {
        "U1": len(cycles) >= 2 and min(cycles[-2:]) >= cut,
        "U2": (growth or 0) >= 15 or bool(signed),
        "U3": (joint or 0) >= 1,
        "U4": (access or 0) >= 2,
        "U5": (untapped or 0) >= 50,
        "U6": bool(capacity),
    }
    found = rule(
        "book.tier.upgrade",
        {
            "score_cycles": cycles,
            "cut": cut,
            "cagr_24m_pct": growth,
            "multi_year_contract": signed,
            "joint_innovations": joint,
            "c_level_active": access,
            "untapped_pct": untapped,
            "capacity_ok": capacity,
        },
    )
    assert move_conditions(found) == expected
    assert found.value == sum(expected.values())
    assert found.details["eligible"] is all(expected.values())


@given(
    st.lists(share, max_size=4),
    share,
    st.none() | st.lists(share, min_size=2, max_size=3),
    st.none() | st.sampled_from([Decimal("94.99"), Decimal(95), Decimal(120)]),
    st.none() | st.sampled_from([Decimal(-50), Decimal(200), Decimal("200.5")]),
    st.none() | st.integers(0, 3),
    yes_or_no,
    st.none() | st.integers(0, 14),
    st.none() | st.sampled_from([Decimal(-5), Decimal(20), Decimal("20.01")]),
    yes_or_no,
)
@settings(max_examples=150)
def test_downgrade(
    cycles: list[Decimal],
    cut: Decimal,
    quarters: list[Decimal] | None,
    nrr: Decimal | None,
    gap: Decimal | None,
    missed: int | None,
    lost: bool | None,
    months: int | None,
    over: Decimal | None,
    offset: bool | None,
) -> None:
    trend = None
    if quarters:
        middle = Fraction(len(quarters) - 1, 2)
        trend = sum((at - middle) * Fraction(value) for at, value in enumerate(quarters))
    expected = {
        "D1": len(cycles) >= 2 and max(cycles[-2:]) < cut and (trend is None or trend <= 0),
        "D2": (nrr is not None and nrr < 95) or (gap or 0) > 200,
        "D3": (missed or 0) >= 2 or bool(lost),
        "D4": (months or 0) >= 12,
        "D5": (over or 0) > 20 and not offset,
    }
    found = rule(
        "book.tier.downgrade",
        {
            "score_cycles": cycles,
            "cut": cut,
            "quarter_scores": quarters,
            "nrr_pct": nrr,
            "margin_gap_bps": gap,
            "steering_missed": missed,
            "sponsor_lost": lost,
            "months_since_initiative": months,
            "cost_over_envelope_pct": over,
            "offsetting_roi": offset,
        },
    )
    propose = expected["D1"] or sum(expected[key] for key in ("D2", "D3", "D4", "D5")) >= 2
    assert move_conditions(found) == expected
    assert found.value == sum(expected.values())
    assert found.details["propose"] is propose
    assert found.details["watch"] is (not propose and sum(expected.values()) == 1)


@given(
    share,
    share,
    st.none() | st.integers(0, 4),
    yes_or_no,
    yes_or_no,
    st.none() | st.integers(0, 3),
    yes_or_no,
)
def test_exit(
    score: Decimal,
    cut: Decimal,
    red: int | None,
    plan: bool | None,
    breach: bool | None,
    raters: int | None,
    better: bool | None,
) -> None:
    expected = {
        "X1": score < cut,
        "X2": (red or 0) >= 3 and bool(plan),
        "X3": bool(breach),
        "X4": (raters or 0) >= 2,
        "X5": bool(better),
    }
    found = rule(
        "book.tier.exit",
        {
            "score": score,
            "t3_cut": cut,
            "red_quarters": red,
            "recovery_plan": plan,
            "material_breach": breach,
            "insolvency_high_raters": raters,
            "better_return": better,
        },
    )
    assert move_conditions(found) == expected
    assert found.value == sum(expected.values())
    assert found.details["propose"] is any(expected[key] for key in ("X1", "X2", "X3", "X4"))
    assert found.details["emergency"] is (expected["X3"] or expected["X4"])


# -- scorecard, growth priority ----------------------------------------------------------------------------------------


@st.composite
def metric(draw: Any) -> Row:
    minimum, committed, stretch = sorted(draw(st.lists(number, min_size=3, max_size=3, unique=True)))
    if draw(st.booleans()):
        minimum, stretch = stretch, minimum
    value = st.none() | number | st.sampled_from([minimum, committed, stretch])
    return {
        "minimum": minimum,
        "committed": committed,
        "stretch": stretch,
        "value": draw(value),
        "weight": draw(st.integers(1, 40)),
    }


def attainment(row: Row) -> Fraction:
    low, mid, high, value = (Fraction(row[key]) for key in ("minimum", "committed", "stretch", "value"))
    better = (value - mid) * (high - mid) >= 0
    found = 80 + 20 * (value - mid) / (high - mid) if better else 60 + 20 * (value - low) / (mid - low)
    return max(Fraction(0), min(Fraction(100), found))


@given(st.lists(metric(), max_size=8))
def test_scorecard(rows: list[Row]) -> None:
    metrics = [{"key": f"m{at}", **row} for at, row in enumerate(rows)]
    found = rule("book.scorecard.composite", {"metrics": metrics})
    known = [row for row in metrics if row["value"] is not None]
    present, total = sum(row["weight"] for row in known), sum(row["weight"] for row in metrics)
    if not total or six(Fraction(100 * present, total)) < 60:
        assert (found.value, found.band) == (None, "unknown")
        return
    expected = sum(row["weight"] * attainment(row) for row in known) / present
    assert same(found.value, expected)
    assert found.band == ("green" if six(expected) >= 80 else "amber" if six(expected) >= 60 else "red")
    points = {part.key: part for part in found.parts}
    for row in known:
        up = row["stretch"] > row["minimum"]
        sign = 1 if up else -1
        value, minimum, committed = (sign * row[key] for key in ("value", "minimum", "committed"))
        assert same(points[row["key"]].points, attainment(row))
        assert points[row["key"]].band == ("green" if value >= committed else "amber" if value >= minimum else "red")


WEIGHTS = {
    "strategic_alignment": 20,
    "economic_impact": 20,
    "feasibility": 15,
    "time_to_value": 15,
    "risk_profile": 15,
    "relationship_leverage": 15,
}


@given(st.fixed_dictionaries({key: st.none() | share for key in WEIGHTS}))
def test_growth_priority(scores: Row) -> None:
    found = rule("book.priority.growth", scores)
    present = sum(weight for key, weight in WEIGHTS.items() if scores[key] is not None)
    if present < 60:
        assert found.value is None
        return
    expected = (
        sum(weight * Fraction(scores[key]) for key, weight in WEIGHTS.items() if scores[key] is not None) / present
    )
    assert same(found.value, expected)
    assert found.details["passes"] is (six(expected) >= 70)
    assert found.coverage_pct == present

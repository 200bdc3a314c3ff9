"""Public data sets with published answers. Skipped where the folder with them is not beside the repository."""

from __future__ import annotations

import csv
import json
from datetime import date
from math import dist, sqrt
from typing import Any

import pytest

from tests.connectors.support import SHARED
from trackline.core.playbook import run

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no folder {SHARED} with the public data sets")

DAY = date(2026, 6, 30)


def rows(path: str) -> list[list[str]]:
    with (SHARED / path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def found(rule_id: str, **inputs: Any) -> dict[str, Any]:
    return run(rule_id, inputs, as_of=DAY).to_json()


@pytest.mark.parametrize("name", ["sudzilla_01.csv", "sudzilla_02.csv"])
def test_survey_of_a_conference(name: str) -> None:
    """Its challenge takes 9 and 10 less 0 to 6, of all answers, on one decimal."""
    answers = [int(row[1]) for row in rows(f"nps_sudzilla_survey/{name}")]
    said = found("track.survey.nps", ratings=answers)
    assert (said["details"]["n"], said["details"]["promoters"], said["details"]["detractors"]) == (39, 8, 22)
    assert (round(said["value"], 1), said["band"]) == (-35.9, "red")


def test_piston_rings() -> None:
    """Montgomery: grand mean of the first 25 samples 74.001; samples 37 to 39 are beyond the upper limit."""
    means = [round(sum(map(float, row)) / len(row), 6) for row in rows("spc_montgomery/pistonrings.csv")]
    said = found("watch.signal.control_chart", series=means, baseline=25)["details"]
    assert round(said["mean"], 3) == 74.001
    assert [at + 1 for at in said["beyond"]] == [37, 38, 39]


@pytest.mark.parametrize(
    ("left_out", "mean", "limits", "out"),
    [((), 0.2313, (0.0524, 0.4102), [15, 23]), ((15, 23), 0.2150, (0.0407, 0.3893), [21])],
)
def test_cans_of_juice(left_out: tuple[int, ...], mean: float, limits: tuple[float, float], out: list[int]) -> None:
    """Montgomery judges shares by their own deviation, √(p(1 − p)/n): `k` makes the limits of the chart those of the book."""
    numbered = list(enumerate(rows("spc_montgomery/canjuice.csv"), 1))
    kept = [(sample, int(row[1]) / int(row[0])) for sample, row in numbered if sample not in left_out]
    series = [share for _, share in kept]
    own = found("watch.signal.control_chart", series=series, baseline=len(series))["details"]
    k = 3 * sqrt(own["mean"] * (1 - own["mean"]) / 50) / own["sd"]
    said = found("watch.signal.control_chart", series=series, baseline=len(series), k=k)["details"]
    assert round(said["mean"], 4) == mean
    assert (said["lower"], said["upper"]) == pytest.approx(limits, abs=6e-5)
    assert [kept[at][0] for at in said["beyond"]] == out


def test_mountain_case() -> None:
    """Opricovic & Tzeng normalise to 0–1 as the composite does; distances to best and worst give their scores."""
    cases = {one["name"]: one for one in json.loads((SHARED / "mcda_cases/cases.json").read_text(encoding="utf-8"))}
    case = cases["topsis_minmax_mountain"]
    ways = {1: "up", -1: "down"}
    criteria = [
        {"key": f"c{at}", "weight": weight, "direction": ways[way]}
        for at, (weight, way) in enumerate(zip(case["weights"], case["types"], strict=True))
    ]
    accounts = [
        {"key": f"a{at}", "values": {f"c{place}": value for place, value in enumerate(row)}}
        for at, row in enumerate(case["matrix"])
    ]
    listed = found("book.score.composite", criteria=criteria, accounts=accounts)["details"]["accounts"]
    weighted = {one["key"]: [one["contributions"][each["key"]] for each in criteria] for one in listed}
    best, worst = ([edge(column) for column in zip(*weighted.values(), strict=True)] for edge in (max, min))
    scores = [dist(point, worst) / (dist(point, worst) + dist(point, best)) for _, point in sorted(weighted.items())]
    assert scores == pytest.approx(case["expected"], abs=6e-4)
    assert max(listed, key=lambda one: one["score"])["key"] == "a1"


def test_deals_of_a_computer_seller() -> None:
    """Maven: 4,238 of the decided deals are won; Darcel Schlecht closed 553, of which he won 63.11 %."""
    deals = rows("maven_crm/sales_pipeline.csv")
    for agent, won, closed, rate in ((None, 4238, 6711, 63.15), ("Darcel Schlecht", 349, 553, 63.11)):
        stages = [row[4] for row in deals if agent in (None, row[1])]
        assert (stages.count("Won"), stages.count("Won") + stages.count("Lost")) == (won, closed)
        assert round(found("accounts.kpi.win_rate", won=won, total=closed)["value"], 2) == rate

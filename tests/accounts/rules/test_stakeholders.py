"""Properties of the stakeholder rules: bounded, growing with every active contact, blind to order."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trackline.core.playbook import Explained, run

DAY = date(2026, 6, 30)
BANDS = {"red": 0, "amber": 1, "green": 2}
THREADS = ("single_threaded", "thin", "ok")
FULL = 9

contact = st.fixed_dictionaries(
    {
        "level": st.sampled_from(["individual", "director", "executive"]),
        "area": st.sampled_from(["buying", "using", "adjacent"]),
        "active": st.booleans(),
    },
    optional={
        "c_suite": st.booleans(),
        "roles": st.lists(
            st.sampled_from(["champion", "economic_buyer", "exec_sponsor", "user_influencer"]), max_size=2
        ),
    },
)


def coverage(contacts: list[Any]) -> Explained:
    return run("accounts.stakeholders.coverage", {"contacts": contacts}, as_of=DAY)


@given(st.lists(contact, max_size=12), contact)
def test_coverage_grows_with_every_active_contact(contacts: list[Any], another: Any) -> None:
    found, more = coverage(contacts), coverage([another, *contacts])
    details = found.details
    assert 0 <= float(str(found.value)) <= 100
    assert abs(float(str(found.value)) - details["covered"] * 100 / FULL) < 1e-12
    assert details["redundancy_min"] == details["covered"] - bool(details["solo_cells"])
    assert BANDS[str(more.band)] >= BANDS[str(found.band)]
    assert more.details["covered"] >= details["covered"]
    assert THREADS.index(more.details["thread"]) >= THREADS.index(details["thread"])
    assert set(more.details["missing_roles"]) <= set(details["missing_roles"])
    assert more.details["c_level_gap"] <= details["c_level_gap"]
    if not another["active"]:
        assert (more.value, more.details["thread"]) == (found.value, details["thread"])


@given(st.integers(1, 5), st.sampled_from(["detractor", "neutral", "positive", "advocate"]), st.integers(1, 5))
def test_the_cell_is_told_by_which_side_of_the_middle_each_stands_on(
    influence: int, sentiment: str, interest: int
) -> None:
    def cell(**inputs: Any) -> Any:
        return run("accounts.stakeholders.grid", {"influence": influence, **inputs}, as_of=DAY).value

    favourable = sentiment in ("positive", "advocate")
    by_sentiment = {(True, False): "mobilize", (True, True): "protect_and_grow", (False, False): "monitor"}
    assert cell(sentiment=sentiment) == by_sentiment.get((influence >= 4, favourable), "leverage")
    by_interest = {(True, True): "champions", (True, False): "keep_satisfied", (False, True): "keep_informed"}
    told = cell(interest=interest, preset="interest")
    assert told == by_interest.get((influence >= 4, interest >= 4), "silent_risks")

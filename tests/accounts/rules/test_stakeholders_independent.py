"""Stakeholder rules beside a second reading of their entries, written with fractions and nothing of ours."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.core.playbook.reading import Row, answer, checked, rows, same

ROLES = ["champion", "economic_buyer", "technical_gatekeeper", "user_influencer", "potential_detractor", "exec_sponsor"]
contact = st.fixed_dictionaries(
    {
        "level": st.sampled_from(["individual", "director", "executive"]),
        "area": st.sampled_from(["buying", "using", "adjacent"]),
        "active": st.sampled_from([True, True, True, False]),
    },
    optional={
        "c_suite": st.none() | st.booleans(),
        "roles": st.none() | st.lists(st.sampled_from(ROLES), max_size=3, unique=True),
    },
)


@given(st.lists(contact, max_size=4) | st.lists(contact, min_size=5, max_size=25))
@checked()
def test_coverage(contacts: list[Row]) -> None:
    found = answer("accounts.stakeholders.coverage", {"contacts": contacts})
    active = [person for person in contacts if person["active"]]
    cells = Counter(f"{person['level']}/{person['area']}" for person in active)
    solo = sorted(cell for cell, people in cells.items() if people == 1)
    if len(active) >= 3 and len({person["level"] for person in active}) >= 2:
        thread = "ok"
    else:
        thread = "thin" if len(active) >= 2 else "single_threaded"
    filled = {role for person in active for role in person.get("roles") or ()}
    assert same(found.value, Fraction(100 * len(cells), 9))
    assert found.band == ("green" if len(cells) >= 7 else "amber" if len(cells) >= 4 else "red")
    assert found.details["covered"] == len(cells)
    assert sorted(found.details["solo_cells"]) == solo
    assert found.details["redundancy_min"] == len(cells) - bool(solo)
    assert found.details["thread"] == thread
    assert found.details["c_level_gap"] is not any(person.get("c_suite") for person in active)
    assert list(found.details["missing_roles"]) == [
        role for role in ("champion", "economic_buyer", "exec_sponsor", "user_influencer") if role not in filled
    ]


@given(
    rows(
        {"influence": st.integers(1, 5)},
        {
            "sentiment": st.sampled_from(["detractor", "neutral", "positive", "advocate"]),
            "interest": st.integers(1, 5),
            "preset": st.sampled_from(["sentiment", "interest"]),
        },
    )
)
@checked()
def test_grid(row: Row) -> None:
    found = answer("accounts.stakeholders.grid", row)
    high = row["influence"] >= 4
    if row.get("preset") == "interest":
        second, known = (row.get("interest") or 0) >= 4, row.get("interest") is not None
        cells = {
            (True, True): "champions", (True, False): "keep_satisfied",
            (False, True): "keep_informed", (False, False): "silent_risks",
        }  # fmt: skip
        absent = "interest"
    else:
        second, known = row.get("sentiment") in ("positive", "advocate"), row.get("sentiment") is not None
        cells = {
            (True, False): "mobilize", (True, True): "protect_and_grow",
            (False, False): "monitor", (False, True): "leverage",
        }  # fmt: skip
        absent = "sentiment"
    assert found.value == (cells[high, second] if known else None)
    assert (absent in found.missing) is not known

"""Which records may be one: the examples of DQ-03, what contacts share, and work that does not grow with the square."""

from __future__ import annotations

from itertools import combinations

from trackline.accounts.rules import duplicates as rules
from trackline.accounts.rules.duplicates import Entry, bare_name, bare_phone, duplicates


def keys(kind: str, one: Entry, other: Entry) -> list[str]:
    return [signal.key for pair in duplicates(kind, [one, other]) for signal in pair.signals]


def test_numbers_settle_a_pair_unless_they_contradict() -> None:
    one, alike = Entry(1, "okada brandt mobility", ids={"tax_id": "DE1"}), "okada brandt mobilty"
    [pair] = duplicates("account", [one, Entry(2, alike, ids={"tax_id": "DE1"})])
    assert (pair.score, pair.sure) == (95, True)
    both = Entry(3, "okada brandt mobility", ids={"tax_id": "DE1", "duns": "1"})
    [pair] = duplicates("account", [both, Entry(4, alike, ids={"tax_id": "DE1", "duns": "2"})])
    assert (pair.score, pair.sure) == (55, False)
    # A number that contradicts is shown even where little else speaks for the pair.
    [pair] = duplicates("account", [both, Entry(5, "northwind", ids={"tax_id": "DE1", "duns": "2"})])
    assert (pair.score, pair.sure) == (10, False)


def test_names_alone_are_enough_from_a_likeness_of_92_percent() -> None:
    assert keys("account", Entry(1, "nordwall logistik"), Entry(2, "nordwal logistik")) == ["name_close"]
    assert keys("account", Entry(1, "nordwall logistik"), Entry(2, "nordwall logistic sud")) == []
    same = Entry(1, "nordwall logistik", domain="nordwall.example")
    assert keys("account", same, Entry(2, "nordwall logistk so", domain="nordwall.example")) == [
        "name_near",
        "domain_same",
    ]
    assert keys("account", same, Entry(2, "logistik nordwall", domain="else.example")) == [
        "name_same",
        "domain_differs",
    ]
    assert keys("account", same, Entry(2, "quite another", domain="nordwall.example")) == []
    assert bare_name("okada brandt holding ag", {"ag", "holding"}) == "okada brandt"
    assert bare_name("ag", {"ag"}) == "ag"


def test_contacts_are_compared_within_their_account() -> None:
    ines = Entry(
        1, "ines berg", email="i.berg@a.example", phone=bare_phone("+49 (0)30 123 45 67"), title="cfo", within=1
    )
    short = Entry(2, "i berg", phone=bare_phone("030/1234567"), within=1)
    assert keys("contact", ines, short) == ["name_short", "phone_same"]
    assert keys("contact", ines, Entry(2, "berg ines", title="cfo", within=1)) == ["name_same", "title_same"]
    assert keys("contact", ines, Entry(2, "ines bergg", email="i.berg@b.example", within=1)) == [
        "name_close",
        "mailbox_same",
    ]
    assert keys("contact", ines, Entry(2, "ines berg", within=2)) == []
    assert keys("contact", ines, Entry(2, "ina berg", within=1)) == []
    assert bare_phone("110") == ""


def test_what_is_told_apart_stays_apart() -> None:
    entries = [Entry(pk, "ines berg") for pk in (1, 2, 3)]
    assert [(pair.one, pair.other) for pair in duplicates("contact", entries, {(1, 2)})] == [(1, 3), (2, 3)]


def test_the_work_grows_with_the_records_and_not_with_their_square() -> None:
    words = [f"{a}{b}" for a, b in combinations("bcdfghklmnprstvw", 2)]
    entries = [
        Entry(pk, f"{words[pk % 120]}on {words[pk * 7 % 113]}ar{pk // 120} systems", domain="shared.example")
        for pk in range(4_000)
    ]
    entries += [Entry(10_000 + pk, "same name") for pk in range(3_000)]
    assert len(rules._likely(entries)) < 40 * len(entries)

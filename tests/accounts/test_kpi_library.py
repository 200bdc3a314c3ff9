"""The KPI library: limits agree with the rules that compute, metrics are found, one is added once."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from tests.factories import as_user, make, make_account, make_cast, system
from trackline.accounts.kpis import journey_of, kpi_rows
from trackline.accounts.models import Metric
from trackline.accounts.rules.kpi_library import library
from trackline.accounts.services.adopting import adopt, adopted, kpi_named
from trackline.core.playbook import rulebook
from trackline.kit.problems import Forbidden, NotFound, Refused
from trackline.workspace.queries.book.kpis import lines, parts_of

OTHER_SCALE = {"KPI-001", "KPI-009", "KPI-059", "KPI-060", "KPI-061", "KPI-062", "KPI-063"}
"""The rule judges a variance, or a whole of which the KPI is a part."""


def test_limits_are_those_of_the_rule_that_computes() -> None:
    for kpi in library().kpis.values():
        if not kpi.computed_by or kpi.code in OTHER_SCALE:
            continue
        bands = rulebook().get(kpi.computed_by).data.parameters.get("bands")
        if bands is not None:
            assert bands.at(date(2026, 11, 1)).value == kpi.cuts, kpi.code


def test_each_can_be_judged_and_looks_one_way() -> None:
    for kpi in library().kpis.values():
        assert bool(kpi.cuts) != bool(kpi.judged), kpi.code
        assert all(cut.startswith(">" if kpi.direction == "increase" else "<") for cut in kpi.cuts.values()), kpi.code
        assert not kpi.rule or rulebook().get(kpi.rule)


def test_search_takes_all_words_and_codes() -> None:
    assert [kpi.code for kpi in library().search("wallet share")] == ["KPI-006", "KPI-068"]
    assert [kpi.code for kpi in library().search("kpi-016")] == ["KPI-016"]
    assert {kpi.domain for kpi in library().search("", "growth")} == {"growth"}


@pytest.mark.django_db
def test_metrics_of_every_book_are_found_by_code_or_key() -> None:
    found = adopted()
    assert (found["KPI-016"].key, found["KPI-064"].key) == ("nps", "csat")
    assert "KPI-067" not in found


@pytest.mark.django_db
def test_one_is_added_once_and_yearly_ones_are_read_by_quarter() -> None:
    made = adopt(system(), "kpi-091")
    assert (made.key, made.unit, made.refresh, made.source) == (
        "repeatable_margin_gain", "bps", "quarterly", "KPI-091",
    )  # fmt: skip
    with pytest.raises(Refused):
        adopt(system(), "KPI-091")
    with pytest.raises(NotFound):
        kpi_named("KPI-900")
    with pytest.raises(Forbidden):
        adopt(as_user(make_cast().owner), "KPI-067")


@pytest.mark.django_db
def test_rows_count_accounts_with_a_reading_and_follow_the_state() -> None:
    metric = Metric.objects.get(key="nps")
    for _ in range(2):
        make("observation", account=make_account(), metric=metric, value=30, on=date(2026, 1, 1))
    rows = {row.kpi.code: row for row in kpi_rows(system())}
    assert (rows["KPI-016"].accounts, rows["KPI-067"].accounts) == (2, 0)
    measured = {row.kpi.code for row in kpi_rows(system(), state="measured")}
    assert measured.isdisjoint(row.kpi.code for row in kpi_rows(system(), state="new"))
    assert all(row.rule for row in kpi_rows(system(), state="computed"))
    assert sum(len(part.rows) for part in parts_of(kpi_rows(system()))) == len(library().kpis)
    heading, *told = lines(kpi_rows(system(), domain="growth"))
    assert {len(line) for line in told} == {len(heading)}


def test_each_kpi_of_a_customer_has_its_stage() -> None:
    shelf = library()
    at = {code: shelf.stage_of(shelf.kpis[code]) for code in ("KPI-034", "KPI-021", "KPI-030", "KPI-048", "KPI-087")}
    assert [one and one.key for one in at.values()] == ["onboarding", "value", "renewal", "advocacy", None]
    assert all(shelf.stage_of(kpi) for kpi in shelf.kpis.values() if kpi.domain != "program")


@pytest.mark.django_db
def test_a_stage_without_a_kpi_that_is_read_is_told() -> None:
    assert {one.lacking for one in journey_of(system())} == {True}
    account = make_account()
    make("observation", account=account, metric=Metric.objects.get(key="nps"), value=30, on=date(2026, 1, 1))
    told = {one.stage.key: (one.measured, one.lacking) for one in journey_of(system())}
    assert told == {"onboarding": (0, True), "value": (0, True), "renewal": (0, True), "advocacy": (1, False)}
    assert "KPI-016" in {row.kpi.code for row in kpi_rows(system(), stage="advocacy")}
    browser = Client()
    browser.force_login(make_cast().owner)
    page = browser.get("/book/kpis").content.decode()
    assert "Along the journey" in page and "Too few:" in page
    page = browser.get("/book/kpis?stage=advocacy").content.decode()
    assert "KPI-016" in page and "KPI-087" not in page and "Along the journey" not in page

"""Hot zones: what speaks for a cell, when it counts, and what page, file, API and book say of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.delivery.api.client import Api
from tests.factories import NOW, Cast, make, make_account, make_cast, system
from trackline.accounts.rates import Rates
from trackline.align import whitespace
from trackline.align.hot_zones import Zones, hottest, zones_of
from trackline.book.queries.whitespace import whitespace_of
from trackline.kit.problems import Invalid
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.track.models import PainPoint

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
EUR = Rates("EUR", {}, {})


@pytest.fixture
def cast() -> Cast:
    """An account with three open cells of 100, 200 and 300: a median of 200."""
    cast = make_cast()
    unit = make("business_unit", account=cast.account, name="Forge")
    for name, value in (("Inspect", 100), ("Predict", 200), ("Trace", 300)):
        make("whitespace_cell", business_unit=unit, product=make("product", name=name), value=value, currency="EUR")
    return cast


def note(cast: Cast, days: int) -> Any:
    return make("note", account=cast.account, title=f"Told {days} d ago", on=TODAY - timedelta(days=days))


def cell(product: str) -> Any:
    return whitespace.WhitespaceCell.objects.get(product__name=product)


def tie(product: str, **links: Any) -> None:
    services.update(system(), registry.get("whitespace_cell"), cell(product).pk, links)


def zones(cast: Cast) -> Zones:
    grid = whitespace.grid_of([cast.account.pk], TODAY, EUR, "EUR")
    return zones_of((one for row in grid.rows for one in row.cells), [cast.account.pk], TODAY)


def told(cast: Cast) -> dict[str, tuple[int, bool | None]]:
    return {zone.cell.product.name: (zone.intensity, zone.hot) for zone in zones(cast).values()}


def test_recent_signals_and_the_median_make_it_hot(cast: Cast) -> None:
    both = [note(cast, 3).pk, note(cast, 90).pk]
    for product in ("Inspect", "Predict"):
        tie(product, notes=both)
    tie("Trace", notes=[both[0], note(cast, 91).pk])
    assert told(cast) == {"Inspect": (2, False), "Predict": (2, True), "Trace": (1, False)}
    assert [zone.cell.product.name for zone in hottest(zones(cast))] == ["Predict"]


def test_pain_points_of_the_cell_and_of_its_open_route_count_once(cast: Cast) -> None:
    pain = make("pain_point", account=cast.account, title="Papers wait")
    tie("Trace", pain_points=[pain.pk], notes=[note(cast, 1).pk])
    route = make(
        "route", account=cast.account, title="Trace", type="upsell", business_unit=cell("Trace").business_unit,
        product=cell("Trace").product, pain_points=[pain.pk],
    )  # fmt: skip
    assert told(cast) == {"Trace": (2, True)}
    tie("Trace", pain_points=[])
    assert told(cast) == {"Trace": (2, True)}, "the route still answers it"
    services.delete(system(), registry.get("route"), route.pk)
    assert told(cast) == {"Trace": (1, False)}


def test_solved_and_old_pain_points_say_nothing_until_somebody_weighs_them_again(cast: Cast) -> None:
    pain = make("pain_point", account=cast.account, title="Papers wait")
    tie("Trace", pain_points=[pain.pk], notes=[note(cast, 1).pk])
    PainPoint.objects.filter(pk=pain.pk).update(created_at=NOW - timedelta(days=200))
    assert told(cast) == {"Trace": (1, False)}
    voter = make("contact", account=cast.account, name="Voter")
    make("pain_point_vote", pain_point=pain, contact=voter, impact=4, urgency=4, on=TODAY - timedelta(days=9))
    assert told(cast) == {"Trace": (2, True)}
    services.update(system(), registry.get("pain_point"), pain.pk, {"status": "resolved"})
    assert told(cast) == {"Trace": (1, False)}


def test_nothing_is_said_without_a_value_and_nothing_of_the_future(cast: Cast) -> None:
    tie("Trace", value=None, notes=[note(cast, 1).pk, note(cast, 2).pk])
    assert told(cast) == {"Trace": (2, None)}
    tie("Trace", value=Decimal(900), notes=[note(cast, 1).pk, note(cast, -5).pk])
    assert told(cast) == {"Trace": (1, False)}


def test_another_accounts_notes_are_refused(cast: Cast) -> None:
    other = make("note", account=make_account("Far away"), title="Elsewhere", on=TODAY)
    with pytest.raises(Invalid):
        tie("Trace", notes=[other.pk])


def test_page_file_api_and_book_tell_the_same(cast: Cast) -> None:
    tie("Predict", notes=[note(cast, 3).pk, note(cast, 4).pk])
    browser = Client()
    browser.force_login(cast.owner)
    url = f"/accounts/{cast.account.key}/align/whitespace"
    text = browser.get(url).content.decode()
    assert "hot: 2 signals speak for it" in text
    assert "nobody yet" in text
    assert "Nobody answers for it" in browser.get(f"/r/whitespace_cell/{cell('Predict').pk}").content.decode()
    tie("Predict", owner=cast.owner.pk)
    assert "nobody yet" not in browser.get(url).content.decode()
    lines = browser.get(f"{url}/export/csv").content.decode("utf-8-sig").splitlines()
    row = next(dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines if ",Predict," in line)
    assert (row["signals"], row["hot"], row["owner"]) == ("2", "True", cast.owner.username)
    for rows in (
        Api(cast.owner).get(f"/accounts/{cast.account.key}/whitespace").json()["cells"],
        Api(cast.owner).get("/portfolio/whitespace").json()["cells"],
    ):
        said = {row["product_name"]: (row["signals"], row["hot"], row["owner"]) for row in rows}
        assert said == {
            "Inspect": (0, False, None), "Predict": (2, True, cast.owner.username), "Trace": (0, False, None),
        }  # fmt: skip
    hot = Api(cast.owner).get("/portfolio/whitespace?show=hot").json()
    assert ([row["product_name"] for row in hot["cells"]], hot["counts"]["hot"]) == (["Predict"], 1)
    assert Api(cast.outsider).get("/portfolio/whitespace?show=hot").json()["cells"] == []
    page = browser.get("/book/whitespace?show=hot").content.decode()
    assert "Predict" in page and "recent signals speak for it" in page


def test_queries_do_not_grow(cast: Cast, django_assert_num_queries: Any) -> None:
    for product in ("Inspect", "Predict", "Trace"):
        tie(product, notes=[note(cast, 3).pk], pain_points=[make("pain_point", account=cast.account, title=product).pk])
    grid = whitespace.grid_of([cast.account.pk], TODAY, EUR, "EUR")
    cells = [one for row in grid.rows for one in row.cells]
    with django_assert_num_queries(5):
        zones_of(cells, [cast.account.pk], TODAY)
    assert whitespace_of(system()).counts["hot"] == 2

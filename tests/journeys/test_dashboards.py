"""A dashboard in the browser: made, filled from the gallery, arranged by keyboard and by hand, narrowed, drilled into."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.factories import Cast, make, make_account
from tests.journeys.checks import LAYOUT, clean, settle, sideways

Open = Callable[..., Page]
ORDER = "all => all.map(one => [one.dataset.tile, one.dataset.w, one.dataset.h].join(':')).join(' ')"


def order(page: Page) -> str:
    return str(page.locator("[data-tile]").evaluate_all(ORDER))


def test_from_an_empty_page_to_a_board_of_ones_own(cast: Cast, open_page: Open) -> None:
    page = open_page("owner", "/book/dashboards")
    clean(page)
    page.get_by_role("button", name="New dashboard").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Name").fill("My desk")
    dialog.get_by_label("Start from").select_option("empty")
    settle(page)
    clean(page)
    dialog.get_by_role("button", name="Make dashboard").click()
    expect(page.locator("h1")).to_contain_text("My desk")
    page.keyboard.press("n")
    settle(page)
    clean(page)
    page.locator("#dialog").get_by_role("button", name="A metric over time").click()
    expect(page.locator("#tile-t1")).to_be_focused()
    page.get_by_role("button", name="Choose the metric").click()
    page.locator("#dialog").get_by_label("Metric").select_option("nps")
    page.locator("#dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#tile-t1 h2")).to_have_text("NPS")
    expect(page.locator("#dialog")).to_be_hidden()
    settle(page)
    clean(page)


def test_arranged_by_keyboard_and_by_hand_without_a_reload(cast: Cast, open_page: Open) -> None:
    board = make(
        "dashboard", name="Board", shared=True, tiles=[{"kind": kind} for kind in ("arr", "nrr", "won", "healthy")]
    )
    page = open_page("teammate", f"/book/dashboards/{board.pk}")
    page.evaluate("window.loaded = 'once'")
    assert order(page) == "t1:3:2 t2:3:2 t3:3:2 t4:3:2"
    page.focus("#tile-t1")
    for key in ("Space", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert order(page) == "t2:3:2 t1:4:3 t3:3:2 t4:3:2"
    page.keyboard.press("Escape")
    assert order(page) == "t1:3:2 t2:3:2 t3:3:2 t4:3:2"
    for key in ("Space", "ArrowRight", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#tiles")).to_have_attribute("data-version", "2")
    expect(page.locator("#tile-t1")).to_be_focused()

    head, first = (page.locator(one).bounding_box() for one in ("#tile-t4 .tile-head", "#tile-t2"))
    assert head and first
    page.mouse.move(head["x"] + head["width"] / 2, head["y"] + 10)
    page.mouse.down()
    page.mouse.move(first["x"] + 60, first["y"] + 40, steps=12)
    page.mouse.move(first["x"] + 20, first["y"] + 30, steps=5)
    page.mouse.up()
    expect(page.locator("#tiles")).to_have_attribute("data-version", "3")
    assert order(page) == "t4:3:2 t2:3:2 t1:4:2 t3:3:2"

    page.hover("#tile-t3")
    corner = page.locator("#tile-t3 [data-grip]").bounding_box()
    assert corner
    page.mouse.move(corner["x"] + 10, corner["y"] + 10)
    page.mouse.down()
    page.mouse.move(corner["x"] + 210, corner["y"] + 90, steps=8)
    page.mouse.up()
    expect(page.locator("#tiles")).to_have_attribute("data-version", "4")
    assert order(page) == "t4:3:2 t2:3:2 t1:4:2 t3:5:3"
    page.locator("#toasts").get_by_role("button", name="Undo").first.click()
    expect(page.locator("#tile-t3")).to_have_attribute("data-w", "3")

    page.get_by_role("button", name="What can be done with ARR").click()
    page.get_by_role("button", name="Taller").click()
    expect(page.locator("#tile-t1")).to_have_attribute("data-h", "3")
    expect(page.locator("#tiles")).to_have_attribute("data-version", "6")
    assert page.evaluate("window.loaded") == "once"
    page.reload()
    assert order(page) == "t4:3:2 t2:3:2 t1:4:3 t3:3:2"
    settle(page)
    clean(page)


def test_who_arranges_at_the_same_time_is_told_and_loses_nothing(cast: Cast, open_page: Open) -> None:
    board = make("dashboard", name="Board", shared=True, tiles=[{"kind": "arr"}, {"kind": "nrr"}])
    mine, theirs = (open_page(person, f"/book/dashboards/{board.pk}") for person in ("owner", "teammate"))
    theirs.focus("#tile-t1")
    for key in ("Space", "ArrowRight", "Enter"):
        theirs.keyboard.press(key)
    expect(theirs.locator("#tiles")).to_have_attribute("data-version", "2")
    mine.focus("#tile-t1")
    for key in ("Space", "Shift+ArrowRight", "Enter"):
        mine.keyboard.press(key)
    expect(mine.locator("#problem")).to_contain_text("changed")
    assert order(mine) == "t1:3:2 t2:3:2"


def test_one_filter_and_the_way_to_the_rows(cast: Cast, open_page: Open) -> None:
    make_account("Elsewhere", owner=cast.teammate, tier=2, region="APAC", arr=500_000)
    tiles = [{"kind": "arr"}, {"kind": "arr_by"}, {"kind": "records", "options": {"records": "account"}}]
    board = make("dashboard", name="Board", shared=True, tiles=tiles)
    page = open_page("admin", f"/book/dashboards/{board.pk}")
    expect(page.locator("#tile-t1")).to_contain_text("€3.34m")
    page.get_by_label("Manager").select_option("tim")
    expect(page.locator("#tile-t1")).to_contain_text("€500k")
    expect(page.locator("#tile-t3 tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Keep these filters").click()
    expect(page.locator("#main")).to_contain_text("1 account")
    expect(page).not_to_have_url("only=1")
    page.get_by_role("link", name="All accounts").click()
    expect(page.locator("#tile-t1")).to_contain_text("€3.34m")
    page.locator("#tile-t2").get_by_role("link", name="Tier 2").click()
    expect(page.locator("h1")).to_contain_text("ARR by tier, Tier 2: €500k")
    expect(page.locator("tbody tr")).to_have_count(1)
    clean(page)
    page.get_by_role("link", name="Elsewhere").click()
    expect(page.locator("h1")).to_contain_text("Elsewhere")


def test_on_a_phone_tiles_stand_below_each_other(cast: Cast, open_page: Open) -> None:
    tiles = [{"kind": kind, "w": 12, "h": 4} for kind in ("arr", "arr_by", "forecast", "arr_bridge", "records")]
    board = make("dashboard", name="A board with a name that is rather long for a phone", shared=True, tiles=tiles)
    page = open_page("owner", f"/book/dashboards/{board.pk}")
    assert not sideways(page, 390)
    clean(page, LAYOUT)
    boxes = [page.locator(f"#tile-t{n}").bounding_box() for n in range(1, 6)]
    assert all(one and one["width"] < 390 for one in boxes)

"""A renewal 100 days away: the playbook is started from the account, steps answer by themselves, its date moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.factories import Cast, make, system
from tests.journeys.checks import clean, settle, sideways
from tests.workspace.account.world import days
from trackline.choose.models import Play, Step
from trackline.kit.records import services
from trackline.kit.records.types import registry

Open = Callable[..., Page]


def test_a_renewal_100_days_away(open_page: Open, cast: Cast) -> None:
    cycle = make("renewal_cycle", account=cast.account, renewal_date=days(100))
    page = open_page("owner", f"/r/renewal_cycle/{cycle.pk}")
    page.get_by_role("button", name="Start a playbook").click()
    dialog = page.locator("#dialog")
    suggested = dialog.locator("#start-playbook option", has_text="(suggested)")
    dialog.locator("#start-playbook").select_option(suggested.get_attribute("value"))
    expect(dialog.locator("#start-anchor")).to_have_value(days(100).isoformat())
    expect(dialog.get_by_role("status")).to_contain_text("in the past: due at once, not late")
    settle(page)
    clean(page)
    total = dialog.locator("tbody tr").count()
    dialog.get_by_role("checkbox").last.uncheck()
    dialog.get_by_role("button", name="Start the play").click()
    expect(page.locator(".toast")).to_contain_text(f"{total} steps")
    settle(page)
    play = Play.objects.get(renewal=cycle)
    assert play.anchor_on == days(100)
    assert play.steps.filter(status="skipped").count() == 1

    board = open_page("owner", f"/accounts/{cast.account.key}/choose/board?by=steps")
    step = Step.objects.filter(play=play, status="open", due_on__gt=days(31)).order_by("due_on").first()
    assert step is not None
    card = board.locator(f'[data-card="{step.pk}"]')
    column = card.evaluate("card => card.closest('[data-column]').dataset.column")
    card.focus()
    for key in ("Space", "ArrowLeft", "Enter"):
        board.keyboard.press(key)
    expect(board.locator(".toast")).to_contain_text("due")
    settle(board)
    moved = Step.objects.get(pk=step.pk)
    assert moved.due_on is not None and step.due_on is not None
    assert moved.due_on < step.due_on
    board.locator(".toast").get_by_role("button", name="Undo").click()
    expect(board.locator(f'[data-column="{column}"] [data-card="{step.pk}"]')).to_be_visible()
    assert Step.objects.get(pk=step.pk).due_on == step.due_on

    services.update(system(), registry.get("renewal_cycle"), cycle.pk, {"renewal_date": days(130)})
    page = open_page("owner", f"/accounts/{cast.account.key}/choose/board")
    page.get_by_role("button", name="Move its open steps").first.click()
    expect(page.locator("#dialog").get_by_role("status")).to_contain_text("30 days later")
    settle(page)
    clean(page)
    page.locator("#dialog").get_by_role("button", name="Move ").click()
    expect(page.locator(".toast")).to_contain_text("now counted from")
    settle(page)
    assert Step.objects.get(pk=step.pk).due_on == step.due_on + timedelta(days=30)
    expect(page.locator("#main")).not_to_contain_text("Move its open steps")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Move its open steps").first).to_be_visible()
    assert Step.objects.get(pk=step.pk).due_on == step.due_on
    clean(page)
    for width in (390, 320):
        assert not sideways(page, width)

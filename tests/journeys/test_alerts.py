"""A champion leaves: the alert, its play, its end, with the mouse and with the keyboard."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.factories import Cast, make, system
from tests.journeys.checks import clean, settle
from trackline.choose.models import Play
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.watch.models import Alert

Open = Callable[..., Page]


def test_a_champion_leaves_and_what_follows_is_closed(open_page: Open, cast: Cast) -> None:
    ctx = system(timezone.now())
    person = make("contact", ctx=ctx, account=cast.account, name="Mei Tanaka", buying_role="champion")
    records.update(ctx, registry.get("contact"), person.pk, {"status": "departed", "status_on": ctx.today})
    alert = Alert.objects.get(rule="watch.signal.champion_exit")

    page = open_page("owner", "/")
    alerts = page.get_by_role("region", name="Alerts")
    alerts.get_by_role("link", name="Champion leaves: Mei Tanaka left").click()
    panel = page.locator("#panel-content")
    expect(panel).to_contain_text("Fires when a champion has moved or left.")
    panel.get_by_role("button", name="Acknowledge", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("acknowledged")
    settle(page)
    expect(panel).to_contain_text("diagnose within 24")
    clean(page)

    panel.get_by_role("button", name="Start a play", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Play started")
    settle(page)
    play = Play.objects.get()
    expect(panel).to_contain_text(play.title)

    panel.get_by_role("button", name="Name the cause").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Cause").fill("A new job elsewhere")
    dialog.get_by_role("button", name="Save the cause").click()
    expect(panel).to_contain_text("A new job elsewhere")
    settle(page)

    page.keyboard.press("c")
    expect(dialog).to_contain_text("Was it real?")
    clean(page)
    dialog.get_by_text("It was real").click()
    dialog.get_by_label("What was done").fill("Her deputy takes over")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("closed")
    settle(page)
    alert.refresh_from_db()
    assert (alert.state, alert.verdict, alert.note) == ("closed", "true_positive", "Her deputy takes over")
    expect(page.locator("#today-body")).not_to_contain_text("Mei Tanaka left")

    page.locator(".toast").get_by_role("button", name="Undo").last.click()
    settle(page)
    alert.refresh_from_db()
    assert alert.state == "diagnosed"


def test_the_list_is_narrowed_and_answered(open_page: Open, cast: Cast) -> None:
    ctx = system(timezone.now())
    for title, severity in (("Renewal doubted", "critical"), ("Ask again", "info")):
        make("alert", ctx=ctx, account=cast.account, title=title, rule=title, severity=severity)
    page = open_page("owner", "/alerts")
    expect(page.locator("#list tbody tr")).to_have_count(2)
    page.get_by_label("Severity").select_option("critical")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    settle(page)
    page.get_by_role("button", name="Acknowledge Renewal doubted").click()
    expect(page.locator("#list")).to_contain_text("diagnose within")
    clean(page)

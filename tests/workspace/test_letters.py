"""The weekly letter: what it tells, to whom it goes, and when it does not."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from tests.factories import Cast, make, make_account, make_cast, make_user
from tests.workspace.account.world import days, now_context
from trackline.accounts.models import User
from trackline.kit.records import services
from trackline.kit.records.types import registry
from trackline.workspace import letters
from trackline.workspace.letters import letter, send_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(settings: Any) -> Cast:
    """People with addresses around one account."""
    settings.DEFAULT_FROM_EMAIL = "crm@example.com"
    found = make_cast()
    User.objects.filter(pk=found.owner.pk).update(email="owner@example.com")
    found.owner.refresh_from_db()
    return found


def outcomes(cast: Cast, **more: Any) -> dict[str, str]:
    """What becomes of each person's letter."""
    return {one.username: one.outcome for one in send_all(now_context().now, **more)}


def test_it_says_what_today_says(cast: Cast) -> None:
    make("action", ctx=now_context(), account=cast.account, title="Send the offer", due_on=days(0), owner=cast.owner)
    make("contact", ctx=now_context(), account=cast.account, name="Thomas Reiter", last_touch_on=days(-200))
    make(
        "route", ctx=now_context(), account=cast.account, title="Audits", type="upsell", expected_close_on=days(10)
    )  # no reason to write
    services.update(now_context(), registry.get("account"), cast.account.pk, {"renewal_date": days(100), "arr": 90000})
    found = letter(cast.owner, now_context().now)
    told = {part.title: [line.head for line in part.lines] for part in found.parts}
    assert [cast.account.name in head for head in told["Accounts that need you"]] == [True]
    assert found.parts[0].lines[0].action.startswith("Prepare the renewal")
    assert told["Renewals"] == [cast.account.name]
    assert told["Contacts gone silent"] == [f"Thomas Reiter, {cast.account.name}"]
    assert "Send the offer" in next(lines for title, lines in told.items() if title.startswith("Due"))
    assert found.subject.startswith("Your week: accounts that need you 1")


def test_the_renewal_window_is_told_on_entering_and_while_nothing_prepares_it(cast: Cast) -> None:
    ctx = now_context()
    other = make_account(name="Second", key="second", owner=cast.owner.pk)
    for account, day in ((cast.account, 174), (other, 173)):
        services.update(ctx, registry.get("account"), account.pk, {"renewal_date": days(day), "arr": 1})
        make("renewal_cycle", ctx=ctx, account=account, renewal_date=days(day))
    told = {part.title: [line.head for line in part.lines] for part in letter(cast.owner, ctx.now).parts}
    assert told["Renewals"] == [cast.account.name], "173 days left: it entered before the last letter, and is prepared"


def test_a_manager_reads_of_the_team_too(cast: Cast) -> None:
    boss = make_user("boss", role="admin")
    services.update(now_context(), registry.get("user"), cast.owner.pk, {"manager": cast.teammate.pk})
    services.update(now_context(), registry.get("user"), cast.teammate.pk, {"manager": boss.pk})
    services.update(now_context(), registry.get("account"), cast.account.pk, {"renewal_date": days(9)})
    parts = {part.title: part for part in letter(boss, now_context().now).parts}
    assert cast.owner.name in parts["Accounts that need your team"].lines[0].head
    assert "Accounts that need you" not in parts


def test_nothing_is_sent_when_nothing_matters_or_is_wanted(cast: Cast) -> None:
    make("health_snapshot", ctx=now_context(), account=cast.account, on=days(0), delivery="green", relationship="green")
    assert outcomes(cast)[cast.owner.username] == "nothing"
    services.update(now_context(), registry.get("account"), cast.account.pk, {"renewal_date": days(9)})
    letters.want(cast.owner, False)
    found = outcomes(cast)
    assert found[cast.owner.username] == "off"
    assert found[cast.teammate.username] == "no_address"
    assert mail.outbox == []


def test_one_letter_a_week(cast: Cast) -> None:
    services.update(now_context(), registry.get("account"), cast.account.pk, {"renewal_date": days(9)})
    assert outcomes(cast)[cast.owner.username] == "sent"
    (message,) = mail.outbox
    assert (message.to, message.from_email) == (["owner@example.com"], "crm@example.com")
    assert f"/accounts/{cast.account.key}" in message.body
    assert "/settings/me" in message.body
    assert message.alternatives[0].mimetype == "text/html"  # type: ignore[attr-defined]
    assert outcomes(cast)[cast.owner.username] == "this_week"
    assert outcomes(cast, again=True)[cast.owner.username] == "sent"
    later = now_context().now + timedelta(days=6)
    assert [one.outcome for one in send_all(later) if one.username == cast.owner.username] == ["sent"]


def test_a_refused_letter_is_named_and_tried_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    services.update(now_context(), registry.get("account"), cast.account.pk, {"renewal_date": days(9)})

    def refuse(*_: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({"owner@example.com": (550, b"unknown")})

    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        failed = [one for one in send_all(now_context().now) if one.outcome == "failed"]
    assert [(one.username, "unknown" in one.why) for one in failed] == [(cast.owner.username, True)]
    assert outcomes(cast)[cast.owner.username] == "sent"

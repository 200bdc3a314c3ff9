"""The summary of a meeting tells what both sides heard, goes to whom it should, and is stamped only when it went."""

from __future__ import annotations

from datetime import date, timedelta
from smtplib import SMTPException
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests.delivery.api.client import Api, problem
from tests.factories import NOW, as_user, make, make_cast, system
from trackline.documents.reviews.summary import send, summary_of
from trackline.kickoff.models import Meeting
from trackline.kickoff.sitting import sitting
from trackline.kit.history.models import Change
from trackline.kit.problems import Invalid, Refused

pytestmark = pytest.mark.django_db
SECRET = "Canary"


@pytest.fixture
def cast() -> Any:
    return make_cast()


@pytest.fixture
def review(cast: Any) -> Any:
    account = cast.account
    sabine = make("contact", account=account, name="Sabine Keller", email="sabine@okada.example")
    silent = make("contact", account=account, name="Ines Alba", email="")
    held = make(
        "meeting", account=account, title="Q4 review", review="qbr", status="held", at=NOW - timedelta(hours=3), duration_min=60,
        contacts=[sabine.pk, silent.pk], attendees=[cast.owner.pk], notes=SECRET,
    )  # fmt: skip
    make("decision", account=account, meeting=held, title="Extend the pilot", status="decided", recommended=SECRET,
         outcome="Two further lines", due_on=date(2026, 12, 15), success_metric="scrap below 2 %")  # fmt: skip
    make("decision", account=account, meeting=held, title="Second plant", status="open")
    make(
        "action",
        account=account,
        meeting=held,
        title="Name a contact",
        side="customer",
        client_owner=sabine.pk,
        owner=None,
        due_on=date(2026, 12, 4),
    )
    make("action", account=account, meeting=held, title="Send the plan", due_on=date(2026, 12, 1), owner=cast.owner.pk)
    return held


@pytest.fixture
def server(settings: Any) -> Any:
    settings.EMAIL_HOST = "mail.example"
    return settings


def sent_at(meeting: Any) -> Any:
    return Meeting.objects.get(pk=meeting.pk).summary_sent_at


def test_it_tells_what_both_sides_heard(review: Any) -> None:
    told = summary_of(sitting(system(), review.pk))
    assert told.subject.startswith("Summary: Q4 review, ")
    said = told.text
    assert "- Extend the pilot; Two further lines; " in said and "by 15 Dec 2026; measured by scrap below 2 %" in said
    assert said.index("Decided") < said.index("Still to be decided") < said.index("- Second plant")
    assert "- Name a contact: Sabine Keller, by 4 Dec 2026" in said and "by 1 Dec 2026" in said
    assert SECRET not in said
    assert [one.name for one in told.unreached] == ["Katrin", "Ines Alba"]


def test_a_meeting_without_outcome_says_so() -> None:
    bare = make("meeting", account=make_cast().account, title="Sync", at=NOW)
    assert "Nothing was decided, and no action was agreed." in summary_of(sitting(system(), bare.pk)).text


def test_it_goes_out_with_the_deck_and_is_stamped(review: Any, cast: Any, server: Any) -> None:
    ctx = as_user(cast.owner)
    send(ctx, sitting(ctx, review.pk), ["Sabine@okada.example", "sabine@okada.example"], "As agreed.", deck=True)
    (letter,) = mail.outbox
    assert letter.to == ["sabine@okada.example"] and letter.body == "As agreed."
    name, content, kind = letter.attachments[0]
    assert "customer" in name and content.startswith(b"%PDF") and kind == "application/pdf"
    assert sent_at(review) == NOW
    assert (
        Change.objects.filter(record_type="meeting", record_id=review.pk).latest("pk").note == "Sent to Sabine Keller"
    )


def test_what_is_refused_sends_and_stamps_nothing(review: Any, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = sitting(system(), review.pk)
    for to in ([], ["someone@else.example"]):
        with pytest.raises(Invalid):
            send(system(), found, to)
    with pytest.raises(Invalid, match="letters"):
        send(system(), found, ["sabine@okada.example"], "x" * 20_001)

    def refuse(*_args: Any, **_more: Any) -> None:
        raise SMTPException("mailbox full")

    monkeypatch.setattr("trackline.documents.reviews.summary.EmailMessage.send", refuse)
    with pytest.raises(Refused, match="mailbox full"):
        send(system(), found, ["sabine@okada.example"])
    assert not mail.outbox and sent_at(review) is None


def test_an_action_without_a_day_holds_it_back(review: Any, cast: Any, server: Any) -> None:
    make("action", account=cast.account, meeting=review, title="Ask around", owner=cast.owner.pk)
    with pytest.raises(Invalid, match="Ask around"):
        send(system(), sitting(system(), review.pk), ["sabine@okada.example"])
    assert not mail.outbox and sent_at(review) is None


def test_without_a_mail_server_the_text_is_there_to_copy(review: Any, cast: Any, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    client = Client()
    client.force_login(cast.owner)
    shown = client.get(f"/meetings/{review.pk}/summary").content.decode()
    assert "No mail server is set" in shown and "Extend the pilot" in shown and ">Send<" not in shown
    answered = client.post(f"/meetings/{review.pk}/summary", {"to": "sabine@okada.example", "text": "Mine"})
    assert answered.status_code == 409 and "Mine" in answered.content.decode() and sent_at(review) is None


def test_a_page_shows_it_and_sends_it(review: Any, cast: Any, server: Any) -> None:
    client = Client()
    client.force_login(cast.owner)
    shown = client.get(f"/meetings/{review.pk}/summary").content.decode()
    assert "sabine@okada.example" in shown and "Ines Alba" in shown
    answered = client.post(f"/meetings/{review.pk}/summary", {"to": "sabine@okada.example", "text": "Mine"})
    assert answered.status_code == 204 and mail.outbox[0].body == "Mine" and sent_at(review) is not None


def test_the_api_tells_it_and_sends_it(review: Any, cast: Any, server: Any) -> None:
    path, body = f"/meetings/{review.pk}/summary", {"to": ["sabine@okada.example"]}
    assert Api(cast.facilitator).get(path).json()["people"][0]["side"] == "us"
    problem(Api(cast.facilitator).call("POST", path, body), 403)
    problem(Api(cast.outsider).get(path), 404)
    problem(Api(cast.outsider).call("POST", path, body), 404)
    for wrong in (
        {},
        {"to": "x"},
        {**body, "deck": 1},
        {**body, "text": None},
        {**body, "more": 1},
        {"to": ["x@y.example"]},
    ):
        problem(Api(cast.owner).call("POST", path, wrong), 422)
    assert Api(cast.owner).call("POST", path, body).status_code == 200
    assert len(mail.outbox) == 1
    server.EMAIL_HOST = ""
    problem(Api(cast.owner).call("POST", path, body), 409)

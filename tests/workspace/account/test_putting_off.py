"""Not now: what is put off leaves the account and Today, is told with who did it, and comes back."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import Cast, make
from tests.workspace.account.world import days, now_context, today
from trackline.accounts.models import Account, PutOff
from trackline.workspace.queries.next_action import Candidates, candidates


@pytest.fixture
def late(cast: Cast) -> str:
    """An action that is late; the name by which it is put off."""
    action = make("action", ctx=now_context(), account=cast.account, title="Send it", due_on=days(-3), owner=cast.owner)
    return f"action:{action.pk}"


@pytest.fixture
def as_owner(client: Client, cast: Cast) -> Client:
    client.force_login(cast.owner)
    return client


def seen(account: Account) -> Candidates:
    return candidates(Account.objects.filter(pk=account.pk), today()).get(account.pk) or Candidates()


def send(client: Client, account: Account, what: str, number: str = "7") -> int:
    data = {"what": what, "title": "Do “Send it”", "days": number}
    return client.post(f"/accounts/{account.key}/not-now", data, headers={"HX-Request": "true"}).status_code


def test_what_is_put_off_waits_and_is_told(cast: Cast, late: str, as_owner: Client) -> None:
    assert seen(cast.account).first is not None
    assert send(as_owner, cast.account, late) == 204
    found = seen(cast.account)
    assert found.first is None
    assert [put.what for _, put in found.later] == [late]
    assert found.explained[0][1] == 0
    page = as_owner.get(f"/accounts/{cast.account.key}").content.decode()
    assert "Put off" in page
    assert f"by {cast.owner.name}" in page
    assert "Send it" not in as_owner.get("/").content.decode().split('id="week-head"')[0]


def test_it_comes_back_on_its_day(cast: Cast, late: str, as_owner: Client) -> None:
    send(as_owner, cast.account, late)
    only = Account.objects.filter(pk=cast.account.pk)
    assert candidates(only, days(6))[cast.account.pk].first is None
    assert candidates(only, days(7))[cast.account.pk].first is not None


def test_it_is_brought_back_and_the_row_stays_as_history(cast: Cast, late: str, as_owner: Client) -> None:
    send(as_owner, cast.account, late)
    answer = as_owner.post(f"/accounts/{cast.account.key}/not-now/back?what={late}", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert seen(cast.account).first is not None
    row = PutOff.objects.get()
    assert (row.by, row.title, row.ended_at is not None) == (cast.owner, "Do “Send it”", True)


@pytest.mark.parametrize(("what", "number"), [("action:1", "0"), ("action:1", "366"), ("action:1", "x"), ("<b>", "7")])
def test_what_means_nothing_is_refused(cast: Cast, as_owner: Client, what: str, number: str) -> None:
    assert send(as_owner, cast.account, what, number) == 422
    assert not PutOff.objects.exists()


def test_another_account_is_not_touched(cast: Cast, late: str, as_owner: Client) -> None:
    PutOff.objects.create(
        account=make("account", name="Other"), what=late, title="x", until=days(9), at=now_context().now
    )
    assert seen(cast.account).first is not None

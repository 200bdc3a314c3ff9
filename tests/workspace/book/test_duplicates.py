"""The pages of duplicates: pairs with their reasons, two records side by side, merging, telling apart."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.factories import Cast, as_user, make, make_account, make_cast
from trackline.accounts.models import Account, Contact
from trackline.kit.records import services

pytestmark = pytest.mark.django_db
PATH = "/book/quality/duplicates"


def browser(user: Any) -> Client:
    """A signed-in browser."""
    found = Client()
    found.force_login(user)
    return found


def pair(cast: Cast) -> Account:
    """Another account that may be the cast's."""
    hidden = make_account("Zanzibar Holding", owner=cast.outsider)
    other = make_account(
        "Okada Brandt Mobility AG", owner=cast.owner, parent=hidden, tier=2, arr=12_000, industry="Rail"
    )
    make("goal", account=other, title="Scrap", baseline=1, target=2)
    return other


def test_two_accounts_stand_side_by_side_and_become_one() -> None:
    cast = make_cast()
    other = pair(cast)
    client = browser(cast.owner)
    listed = client.get(PATH).content.decode()
    assert "1 pair of accounts may be one" in listed
    assert "Same name without the legal form" in listed
    url = f"{PATH}/account/{cast.account.pk}/{other.pk}"
    shown = client.get(url)
    found = shown.context["b"]
    assert [line.name for line in found.differing] == ["key", "name", "tier", "arr"]
    assert {line.name: line.gone for line in found.same}["parent"] == "One that you do not see"
    assert "Zanzibar" not in shown.content.decode()
    assert found.moves == [("Goal", 1)]
    merged = client.post(url, {"take-name": "merged", "take-arr": "survivor", "take-health": "merged"})
    kept = Account.objects.get(pk=cast.account.pk)
    assert (kept.name, kept.arr, kept.industry) == ("Okada Brandt Mobility AG", 2_840_000, "Rail")
    assert "1 record moved" in merged.content.decode()
    assert client.get(f"/accounts/{other.key}").status_code == 200
    assert client.post(merged.context["undo_url"], headers={"HX-Request": "true"}).status_code == 204
    assert Account.objects.get(pk=cast.account.pk).name == "Okada Brandt Mobility"
    assert Account.objects.get(pk=other.pk).deleted_at is None


def test_what_stands_against_a_merge_is_told_and_the_choice_stays() -> None:
    cast = make_cast()
    other = pair(cast)
    services.update(as_user(cast.owner), services.registry.get("account"), other.pk, {"currency": "USD"})
    answer = browser(cast.owner).post(f"{PATH}/account/{cast.account.pk}/{other.pk}", {"take-tier": "merged"})
    assert answer.status_code == 409
    assert "Bring both into one currency first" in answer.content.decode()
    assert answer.context["taken"] == {"tier"}
    assert Account.objects.get(pk=other.pk).deleted_at is None


def test_contacts_are_told_apart_and_shown_again() -> None:
    cast = make_cast()
    one, other = (make("contact", account=cast.account, name=name) for name in ("Ines Berg", "I. Berg"))
    client = browser(cast.owner)
    url = f"{PATH}/contact/{one.pk}/{other.pk}"
    assert client.get(f"{PATH}?type=contact").context["d"].count == 0
    services.update(as_user(cast.owner), services.registry.get("contact"), other.pk, {"name": "Berg, Ines"})
    assert "1 pair of contacts may be one" in client.get(f"{PATH}?type=contact").content.decode()
    assert client.post(f"{url}/apart").status_code == 204
    after = client.get(f"{PATH}?type=contact").context["d"]
    assert (after.count, [(first, second) for _, first, second in after.apart]) == (0, [("Ines Berg", "Berg, Ines")])
    assert client.post(f"{url}/again").status_code == 204
    assert client.get(f"{PATH}?type=contact").context["d"].count == 1
    assert client.get(url).context["b"].rtype.name == "contact"
    assert client.post(url).status_code == 200
    assert Contact.objects.filter(deleted_at=None, account=cast.account).count() == 1

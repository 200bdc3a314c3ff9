"""Search and the palette: best matches first, nothing out of scope, only what one may do."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import Cast, as_user, make, make_account, make_cast, make_user
from trackline.workspace.queries.commands import deed_and_rest
from trackline.workspace.queries.search import JUMPED_TO, LISTED, search

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    make(
        "contact",
        account=cast.account,
        name="小林 健 Kobayashi Ken",
        title="Director purchasing",
        email="ken@okada.example",
    )
    make("route", account=cast.account, title="Trace for Nagoya line 4", type="upsell")
    make("note", account=cast.account, title="Site visit", body="Okada wants to see Stuttgart first")
    make_account("Brandt Guss", owner=cast.owner, arr=9_000_000)
    make_account("Lumière Optique", owner=cast.outsider)
    return cast


def found(cast: Cast, text: str, who: str = "owner", names: tuple[str, ...] = JUMPED_TO) -> list[str]:
    results = search(as_user(getattr(cast, who)), text, names, 5)
    return [hit.label for part in results for hit in part.hits]


def labels_of(client: Client, query: str) -> list[str]:
    content = client.get(f"/search/palette?{query}").content.decode()
    return [part.split('"')[0] for part in content.split('data-label="')[1:]]


def test_a_beginning_comes_before_what_only_contains_it(cast: Cast) -> None:
    assert found(cast, "brandt", names=("account",)) == ["Brandt Guss", "Okada Brandt Mobility"]


def test_all_words_must_occur_in_any_order_whatever_case_or_accent(cast: Cast) -> None:
    assert found(cast, "MOBILITY okada", names=("account",)) == ["Okada Brandt Mobility"]
    assert found(cast, "lumiere", "outsider") == ["Lumière Optique"]
    assert found(cast, "okada nothing") == []


def test_other_scripts_and_addresses_are_found(cast: Cast) -> None:
    assert found(cast, "小林") == ["小林 健 Kobayashi Ken"]
    assert found(cast, "ken@okada") == ["小林 健 Kobayashi Ken"]


def test_nothing_outside_the_scope_is_found(cast: Cast, client: Client) -> None:
    for text in ("okada", "kobayashi", "nagoya", "site"):
        assert found(cast, text, "outsider", LISTED) == []
        assert found(cast, text, "teammate", LISTED) != []
    client.force_login(cast.outsider)
    for url in ("/search?q=okada", "/search/palette?q=okada", "/search/palette?from=/accounts/okada-brandt-mobility"):
        assert "Okada Brandt" not in client.get(url).content.decode()


def test_the_palette_offers_what_may_be_done_on_what_was_found(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    assert labels_of(client, "q=okada")[:2] == ["Okada Brandt Mobility", "小林 健 Kobayashi Ken"]
    assert "Log a note on Okada Brandt Mobility" in labels_of(client, "q=okada")
    assert labels_of(client, "q=note okada")[0] == "Log a note on Okada Brandt Mobility"
    client.force_login(cast.facilitator)
    assert not [label for label in labels_of(client, "q=okada") if label.startswith("Log")]


def test_where_one_is_counts(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    here = f"from=/accounts/{cast.account.key}/reveal"
    assert "Add a goal for Okada Brandt Mobility" in labels_of(client, here)
    assert labels_of(client, f"q=goal&{here}")[-1] != "Nothing"
    assert "Add a goal for Okada Brandt Mobility" in labels_of(client, f"q=goal&{here}")


def test_pages_and_actions_follow_rights(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    assert "Import a file" in labels_of(client, "")
    assert "Add a person" not in labels_of(client, "q=person")
    client.force_login(cast.facilitator)
    assert "Import a file" not in labels_of(client, "")
    client.force_login(cast.admin)
    assert "Add a person" in labels_of(client, "q=person")
    assert "Custom fields" in labels_of(client, "q=custom")


def test_before_anything_is_typed_own_accounts_stand_there(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    assert labels_of(client, "")[:2] == ["Brandt Guss", "Okada Brandt Mobility"]


@pytest.mark.parametrize("text", ["%", "_", "'", '"', "\\", "\x00", "<b>", " ", "a" * 5000, "((", "*"])
def test_odd_text_is_just_text(cast: Cast, client: Client, text: str) -> None:
    client.force_login(cast.owner)
    for path in ("/search", "/search/palette"):
        answer = client.get(path, {"q": text})
        assert answer.status_code == 200
        assert "<b>" not in answer.content.decode().split("“")[-1].split("”")[0]


def test_results_are_grouped_and_lead_on(cast: Cast, client: Client) -> None:
    for number in range(10):
        make("route", account=cast.account, title=f"Okada extension {number}", type="upsell")
    client.force_login(cast.owner)
    content = client.get("/search?q=okada").content.decode()
    assert "results for “okada”" in content
    assert 'href="/r/route?q=okada"' in content
    assert "Site visit" in content


def test_queries_do_not_grow_with_what_is_found(cast: Cast, client: Client) -> None:
    client.force_login(make_user("boss", role="admin"))

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{path}?q=okada")
        return len(captured)

    before = count("/search/palette"), count("/search")
    for number in range(4):
        account = make_account(f"Okada {number}", owner=cast.owner)
        make("contact", account=account, name=f"Okada contact {number}")
        make("goal", account=account, title="Okada goal", baseline=0, target=1)
    assert (count("/search/palette"), count("/search")) == before
    assert before[0] <= 20


def test_deeds_are_told_from_names() -> None:
    assert deed_and_rest(["note", "okada"]) == (["note"], ["okada"])
    assert deed_and_rest(["log", "call", "with", "okada"]) == (["log", "call"], ["okada"])
    assert deed_and_rest(["okada", "brandt"]) == ([], ["okada", "brandt"])
    assert deed_and_rest(["goal"]) == ([], ["goal"])

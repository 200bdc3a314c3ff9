"""Long lists of an account are cut: what is folded is not sent, one click sends it, and queries stay as many."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import NOW, Cast, make, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def asked(client: Client, path: str) -> tuple[int, str]:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    assert response.status_code == 200
    return len(captured), response.content.decode()


def browser(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.owner)
    return client


def people(cast: Cast, *names: str, **more: Any) -> list[Any]:
    return [
        make("contact", account=cast.account, name=name, sentiment="neutral", influence=3, **more) for name in names
    ]


def test_people_of_a_cell_and_without_a_line_unfold_and_ask_no_more(cast: Cast) -> None:
    client, path = browser(cast), f"/accounts/{cast.account.key}/track/contacts"
    people(cast, "Aiko", "Bea")
    asked(client, path)
    few, _ = asked(client, path)
    people(cast, *(f"Person {at:02}" for at in range(28)))
    many, page = asked(client, path)
    assert many == few
    assert page.count("data-tie-end") == 6 + 24 and "24 more" in page and "6 more" in page
    _, whole = asked(client, f"{path}?unfold=loose")
    assert whole.count("data-tie-end") == 6 + 30 and "fewer" in whole
    _, cell = asked(client, f"{path}?unfold=influence%3D3%26sentiment%3Dneutral")
    assert cell.count("data-tie-end") == 30 + 24


def test_steps_of_a_column_unfold_and_ask_no_more(cast: Cast) -> None:
    client, path = browser(cast), f"/accounts/{cast.account.key}/choose/board?by=steps"
    play = make("play", account=cast.account, title="Answer", owner=cast.owner, due_on=NOW.date(), horizon=30)
    steps = [make("step", play=play, title=f"Step {at}", due_on=NOW.date()) for at in range(2)]
    asked(client, path)
    few, _ = asked(client, path)
    steps += [make("step", play=play, title=f"Step {at}", due_on=NOW.date()) for at in range(2, 20)]
    many, page = asked(client, path)
    assert many == few and page.count("data-card=") == 20 and "unfold-30" not in page
    make("step", play=play, title="One more", due_on=NOW.date())
    _, page = asked(client, path)
    assert page.count("data-card=") == 20 and "1 more" in page
    assert asked(client, f"{path}&unfold=30")[1].count("data-card=") == 21

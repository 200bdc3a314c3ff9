"""The Accounts list where there is no account: apart from the tests that share a book."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import make_user
from trackline.accounts.models import Account


@pytest.mark.django_db
def test_an_empty_book_says_what_to_do(client: Client) -> None:
    client.force_login(make_user("katrin"))
    content = client.get("/accounts?view=all").content.decode()
    assert "No accounts yet" in content
    assert "/import" in content
    assert not Account.objects.exists()
    narrowed = client.get("/accounts?q=zzz&tier=1").content.decode()
    assert "Nothing passes “zzz” and 1 filter." in narrowed

"""`trackline digest`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core import mail

from tests.delivery.cli.conftest import Shell
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db


def test_preview_and_send(shell: Shell, settings: Any) -> None:
    ada = make_user("ada", email="ada@example.com")
    make_account(name="Halberg", owner=ada.pk, renewal_date=date(2020, 1, 31))
    seen = shell("digest", "--preview", "ada").out
    assert "Subject: Your week" in seen
    assert "Halberg" in seen
    assert shell("digest", "--preview", "ada", "--json").json["matters"] is True
    settings.EMAIL_HOST = ""
    refused = shell("digest", "--send")
    assert (refused.code, "TRACKLINE_SMTP_HOST" in refused.err) == (1, True)
    settings.EMAIL_HOST = "smtp.example.com"
    assert shell("digest", "--send").out.startswith("1 sent")
    assert [message.to for message in mail.outbox] == [["ada@example.com"]]


def test_wrong_usage_exits_with_2(shell: Shell) -> None:
    for words in ((), ("--send", "--preview", "ada"), ("--preview", "ada", "--again")):
        assert shell("digest", *words).code == 2, words

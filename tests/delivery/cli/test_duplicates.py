"""`trackline duplicates`."""

from __future__ import annotations

import pytest

from tests.delivery.cli.conftest import Shell
from tests.factories import make, make_account
from trackline.accounts.models import Account

pytestmark = pytest.mark.django_db


def test_list_merge_undo_and_apart(shell: Shell) -> None:
    one, other = (make_account(name, domain="nordwall.example") for name in ("Nordwall", "Nordwall GmbH"))
    make("team_member", account=other, user=make("user", username="mei", name="Mei"), job_role="Lead")
    listed = " ".join(shell("duplicates", "list").out.split())
    assert "Nordwall GmbH" in listed
    assert "web domain" in listed
    out = shell("duplicates", "merge", one.key, other.key).out
    assert "1 record moved to Nordwall" in out
    batch = out.split("undo ")[1].split()[0]
    assert shell("duplicates", "list", "--json").json == {"items": [], "count": 0}
    assert "Nordwall GmbH is there again" in shell("duplicates", "undo", batch).out
    assert Account.objects.filter(deleted_at=None).count() == 2
    assert "Told apart" in shell("duplicates", "apart", one.key, other.key).out
    assert "Nothing seems to stand in the book twice" in shell("duplicates", "list").out
    assert "again" in shell("duplicates", "apart", one.key, other.key, "--forget").out
    done = shell("duplicates", "merge", one.key, other.key, "--take", "name", "--json").json
    assert done["survivor"]["name"] == "Nordwall GmbH"
    assert shell("duplicates", "merge", one.key, "nothing-like-it").code == 1
    assert shell("duplicates", "list", "--type", "contact").code == 0

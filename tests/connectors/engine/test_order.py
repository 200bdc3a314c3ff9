"""Files that point to each other: need decides the order, and what points ahead is found in a second pass."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.connectors.support import import_files, write
from trackline.accounts.models import Account
from trackline.connectors.engine.order import in_order
from trackline.connectors.mapping.plan import TablePlan

pytestmark = pytest.mark.django_db
MADE = "2026-01-05T10:00:00Z,2026-01-05T10:00:00Z"
ACCOUNTS = f"""id,key,name,currency,customer_sponsor,customer_sponsor_name,created_at,updated_at
901,acme,Acme,EUR,77,Ann Berg,{MADE}
902,bolt,Bolt,EUR,78,Nobody Known,{MADE}
903,cargo,Cargo,EUR,,,{MADE}
"""
CONTACTS = f"""id,account,account_name,name,influence,created_at,updated_at
77,901,Acme,Ann Berg,3,{MADE}
"""


def test_an_account_finds_its_sponsor_though_contacts_come_later(tmp_path: Path) -> None:
    files = write(tmp_path, "accounts.csv", ACCOUNTS), write(tmp_path, "contacts.csv", CONTACTS)
    result = import_files(*files)
    assert dict(result.created) == {"accounts": 3, "contacts": 1}
    assert (result.rejected, dict(result.updated)) == ([], {})
    sponsors = dict(Account.objects.values_list("name", "customer_sponsor__name"))
    assert sponsors == {"Acme": "Ann Berg", "Bolt": None, "Cargo": None}
    [warning] = [each for each in result.warnings if "Nobody Known" in each.value]
    assert "stays empty" in warning.reason
    again = import_files(*files)
    assert not again.created
    assert not again.updated


def test_what_is_needed_comes_first() -> None:
    given = ["check_in", "step", "goal", "play", "contact", "note", "account", "observation", "kpi", "metric"]
    ordered = [table.type for table in in_order([cast(TablePlan, SimpleNamespace(type=name)) for name in given])]
    assert ordered[:3] == ["account", "contact", "note"]
    for first, then in (("goal", "check_in"), ("play", "step"), ("metric", "kpi"), ("kpi", "observation")):
        assert ordered.index(first) < ordered.index(then), ordered

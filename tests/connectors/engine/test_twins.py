"""Bulk and single writes agree: what an import makes of a row is what the record services make of the same data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.connectors.support import import_files, write
from tests.factories import as_user, make_account, make_user, system
from trackline.connectors.profiles import vocabulary
from trackline.kit.policy import Context
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db
IGNORED = {
    "id",
    "created_at",
    "updated_at",
    "created_by_id",
    "updated_by_id",
    "key",
    "path",
    "username",
    "password",
    "health",
}
DERIVED = {
    "first_name",
    "last_name",
    "mrr",
    "lost_on",
    "is_won",
    "is_closed",
    "forecast",
    "outcome",
    "pipeline",
    "external_id",
    "resolved_at",
    "account_owner",
}

CASES: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "account": (
        "accounts.csv",
        "Account Name,Industry,ARR",
        "Acme,Retail,5",
        {"name": "Acme", "industry": "Retail", "arr": 5},
    ),
    "contact": ("contacts.csv", "Full Name,Email,Company", "Ann,a@x.com,Home", {"name": "Ann", "email": "a@x.com"}),
    "route": (
        "deals.csv",
        "Deal Name,Company,State,Amount,Type",
        "D,Home,qualifying,5,renewal",
        {"title": "D", "state": "qualifying", "value": 5, "type": "renewal"},
    ),
    "product": ("products.csv", "Product Name,List Price", "Pro,5", {"name": "Pro", "list_price": 5}),
    "contract": ("contracts.csv", "Contract Number,Company,ARR", "C-1,Home,5", {"ref": "C-1", "arr": 5}),
    "issue": ("issues.csv", "Subject,Company,Priority", "Broken,Home,high", {"title": "Broken", "severity": "high"}),
    "note": ("notes.csv", "Note Title,Note Body,Company", "T,B,Home", {"title": "T", "body": "B"}),
    "interaction": (
        "activities.csv",
        "Subject,Company,Activity Date,Activity Type",
        "Called,Home,2026-01-05,Call",
        {"summary": "Called", "on": "2026-01-05", "kind": "call"},
    ),
    "user": (
        "users.csv",
        "User Name,Email",
        "Ann Bo,ann@us.com",
        {"username": "ann", "name": "Ann Bo", "email": "ann@us.com"},
    ),
    "business_unit": ("business_units.csv", "Business Unit,Company", "Paint,Home", {"name": "Paint"}),
}


def stored(record: Any) -> dict[str, Any]:
    record.refresh_from_db()
    return {
        field.attname: getattr(record, field.attname)
        for field in record._meta.concrete_fields
        if field.attname not in IGNORED
    }


@pytest.mark.parametrize("name", CASES)
def test_new_records_are_the_same(tmp_path: Path, home: Path, name: str) -> None:
    file, headings, row, data = CASES[name]
    rtype = registry.get(name)
    ada = make_user("ada", role="admin")
    account = make_account("Home", currency="CHF")
    ctx: Context = as_user(ada)
    if rtype.account == "account":
        data = {**data, "account": account.pk}
    if name == "issue":
        data = {**data, "assignee": account.owner_id or ada.pk}
    one = services.create(ctx, rtype, data, parse="json")
    expected = stored(one)
    rtype.model.objects.filter(pk=one.pk).update(deleted_at=ctx.now)
    result = import_files(write(tmp_path, file, f"{headings}\n{row}\n"), ctx=ctx)
    assert result.rejected == []
    made = rtype.model.objects.filter(deleted_at__isnull=True).exclude(
        pk__in=[account.pk if rtype.is_account else 0, ada.pk if name == "user" else 0]
    )
    got = stored(made.get())
    assert {key: value for key, value in got.items() if value != expected[key]} == {}


def test_every_type_of_the_vocabulary_has_a_case() -> None:
    assert set(CASES) == set(vocabulary())


@pytest.mark.parametrize("name", CASES)
def test_the_vocabulary_names_fields_that_exist(name: str) -> None:
    rtype = registry.get(name)
    for field, facts in vocabulary()[name].fields.items():
        if field in DERIVED:
            continue
        spec = rtype.specs[field]
        kind = {"domain": "text", "stage": "text"}.get(facts.kind, facts.kind)
        assert spec.kind == kind or (spec.kind, kind) == ("choice", "integer"), (field, spec.kind, facts.kind)
        assert spec.target == facts.target, field
        known = {key for key, _ in spec.choices}
        assert not spec.choices or kind == "integer" or set(facts.choices.values()) <= known, field
        assert facts.otherwise in (None, "") or facts.otherwise in known, field


def test_system_imports_have_nobody_as_owner(tmp_path: Path, home: Path) -> None:
    import_files(write(tmp_path, "accounts.csv", "Account Name\nAcme\n"), ctx=system())
    assert registry.get("account").model.objects.get().owner_id is None

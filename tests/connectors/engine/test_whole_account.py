"""The file of one account comes back whole: into an empty book, beside other accounts, and into its own."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.engine.test_round_trip import LEAVE_OUT_OF, LEFT_OUT, empty, fill
from tests.connectors.support import counts, import_files
from tests.factories import as_user, make, make_account, make_cast, system
from trackline.accounts.models import Account
from trackline.documents.models import PlanVersion
from trackline.kit.problems import NotFound
from trackline.kit.records import exports, services
from trackline.kit.records.queries import ListParams
from trackline.kit.records.types import registry
from trackline.kit.records.whole import Whole, pieces, whole_of

pytestmark = pytest.mark.django_db


def write(folder: Path, whole: Whole) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "account.json").write_text("".join(pieces(system(), whole)), encoding="utf-8")
    return folder


def contents(account: Account) -> dict[str, Counter[str]]:
    """Every record of an account with its values, references by what they are called."""
    titles: dict[tuple[str, str], str] = {}
    for rtype in registry.all():
        for item in exports.rows(system(), rtype, ListParams()):
            titles[rtype.name, item["id"]] = str(item[rtype.title])

    def said(name: str, item: dict[str, Any]) -> str:
        told = {}
        for field, value in item.items():
            spec = registry.get(name).specs.get(field)
            if field in LEAVE_OUT_OF.get(name, LEFT_OUT):
                continue
            if spec is not None and spec.target and value:
                value = sorted(titles[spec.target, pk] for pk in ([value] if isinstance(value, str) else value))
            told[field] = value
        return repr(sorted(told.items()))

    whole = whole_of(system(), account.pk)
    own = {rtype.name for rtype in registry.all() if rtype.account}
    return {
        name: Counter(said(name, item) for item in items.values())
        for name, items in whole.records.items()
        if name in own
    }


def test_an_account_goes_out_and_comes_back(tmp_path: Path, home: Path) -> None:
    fill()
    acme = Account.objects.get(name="Acme")
    version = PlanVersion.objects.first()
    assert version
    frozen = version.frozen
    assert frozen["facts"]
    before = contents(acme)
    folder = write(tmp_path / "out", whole_of(system(), acme.key))
    told = json.loads((folder / "account.json").read_text())
    assert told["trackline"]["account"] == acme.key
    assert told["trackline"]["records"]["goals"] == len(told["goals"])
    assert len(told["history"]["changes"]) > 50
    empty()
    look = import_files(folder, dry_run=True)
    assert (look.rejected, look.questions, look.failed) == ([], [], [])
    result = import_files(folder)
    assert (result.rejected, result.skipped, result.questions, result.failed) == ([], [], [], [])
    again = contents(Account.objects.get(name="Acme"))
    for name, rows in before.items():
        assert again[name] == rows, name
    assert PlanVersion.objects.get().frozen == frozen
    assert Account.objects.get(name="Acme").parent.name == "Holding"
    second = import_files(folder)
    assert second.rejected == []
    assert (counts(second)["created"], counts(second)["updated"]) == ({}, {})


def test_only_the_name_of_the_accounts_above_leaves(tmp_path: Path) -> None:
    top = make_account("Holding", arr=9_000_000, description="CANARY")
    mine = make_account("Mine", parent=top)
    beside = make_account("Beside", parent=top)
    make("note", account=top, title="CANARY")
    make("note", account=beside, title="CANARY")
    make("product", name="CANARY, never sold here")
    person = make("contact", account=beside, name="CANARY Lund")
    make("contact", account=mine, name="Eva Lund", same_as=person)
    whole = whole_of(system(), mine.pk)
    text = "".join(pieces(system(), whole))
    assert "CANARY" not in text
    assert "9000000" not in text
    assert [item["name"] for item in json.loads(text)["accounts"]] == ["Mine", "Holding"]
    assert whole.left_out == {"contacts.same_as": 1}


def test_it_comes_beside_accounts_that_are_there(tmp_path: Path, home: Path) -> None:
    fill()
    acme = Account.objects.get(name="Acme")
    before = contents(acme)
    folder = write(tmp_path / "out", whole_of(system(), acme.pk))
    empty()
    for number in range(3):
        other = make_account(f"Other {number}")
        make("contact", account=other, name="Eva Lund")
        make("goal", account=other, title="Less scrap", baseline=1, target=2)
    result = import_files(folder)
    assert (result.rejected, result.failed) == ([], [])
    after = contents(Account.objects.get(name="Acme"))
    for name, rows in before.items():
        assert after[name] == rows, name


def test_it_holds_what_its_reader_may_see() -> None:
    cast = make_cast("team")
    make("note", account=cast.account, title="Ours")
    make("account_plan", ctx=as_user(cast.owner), account=cast.account, confidentiality="plan_team", title="CANARY")
    make("plan_section", ctx=as_user(cast.owner), account=cast.account, section="market", text="CANARY")
    with pytest.raises(NotFound):
        whole_of(as_user(cast.outsider), cast.account.pk)
    for user, reads in ((cast.owner, True), (cast.teammate, False), (cast.admin, True)):
        ctx = as_user(user)
        assert ("CANARY" in "".join(pieces(ctx, whole_of(ctx, cast.account.pk)))) == reads, user


def test_figures_that_followed_their_contracts_still_do(tmp_path: Path, home: Path) -> None:
    today = system().today
    acme = make_account("Acme")
    days = {"start_on": today - timedelta(days=9), "end_on": today + timedelta(days=300)}
    make("contract", account=acme, ref="A", arr=120_000, **days)
    services.update(system(), registry.get("account"), acme.pk, {"renewal_date": date(2030, 1, 1)})
    acme.refresh_from_db()
    assert (acme.arr, acme.following) == (120_000, ["arr"])
    folder = write(tmp_path / "out", whole_of(system(), acme.key))
    empty()
    assert import_files(folder).rejected == []
    back = Account.objects.get(name="Acme")
    assert (back.arr, back.renewal_date, back.following) == (120_000, date(2030, 1, 1), ["arr"])
    services.update(system(), registry.get("contract"), back.contracts.get().pk, {"arr": 90_000})
    back.refresh_from_db()
    assert (back.arr, back.renewal_date) == (90_000, date(2030, 1, 1))


def test_a_list_of_accounts_without_their_contracts_keeps_its_figures(tmp_path: Path, home: Path) -> None:
    acme = make_account("Acme")
    make("contract", account=acme, ref="A", arr=120_000, start_on=system().today)
    rows = exports.rows(system(), registry.get("account"), ListParams())
    (tmp_path / "accounts.json").write_text("".join(exports.json_pieces(rows)), encoding="utf-8")
    empty()
    assert import_files(tmp_path / "accounts.json").rejected == []
    back = Account.objects.get(name="Acme")
    assert (back.arr, back.following) == (120_000, [])

"""Figures of an account that follow its contracts in force, until somebody writes them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.support import import_files
from tests.factories import NOW, make, make_account, system
from trackline.accounts.models import Account
from trackline.accounts.rulebook.pending import bring_up
from trackline.align.contracted import NOTE
from trackline.connectors import services as imports
from trackline.connectors.models import ImportRun
from trackline.kit.history.models import Change
from trackline.kit.records import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db

TODAY = system().today


def day(number: int) -> Any:
    return TODAY + timedelta(days=number)


def figures(account: Account) -> tuple[Decimal | None, Any, list[str]]:
    account.refresh_from_db()
    return account.arr, account.renewal_date, account.following


def write(account: Account, **values: Any) -> None:
    services.update(system(), registry.get("account"), account.pk, values)


def test_arr_is_the_sum_in_force_and_the_first_end_the_renewal() -> None:
    account = make_account(currency="EUR")
    for arr, start, end in ((100, -400, 90), (50, -10, None), (25, -10, 30), (900, -800, -1), (700, 1, 400)):
        make("contract", account=account, arr=arr, start_on=day(start), end_on=None if end is None else day(end))
    assert figures(account) == (Decimal(175), day(30), ["arr", "renewal_date"])
    line = Change.objects.filter(record_type="account", record_id=account.pk).latest("pk")
    assert (line.note, line.changes["arr"], line.version) == (NOTE, ["150", "175"], account.version)


@pytest.mark.parametrize(("end", "arr", "renewal"), [(0, 100, 0), (-1, 0, None)])
def test_the_last_day_still_counts(end: int, arr: int, renewal: int | None) -> None:
    account = make_account(currency="EUR")
    make("contract", account=account, arr=100, start_on=day(-9), end_on=day(end))
    assert figures(account)[:2] == (Decimal(arr), None if renewal is None else day(renewal))


def test_what_somebody_wrote_stays_and_what_is_emptied_follows_again() -> None:
    account = make_account(currency="EUR", arr=500)
    make("contract", account=account, arr=100, start_on=day(-9))
    assert figures(account) == (Decimal(500), None, [])
    write(account, arr=None)
    assert figures(account) == (Decimal(100), None, ["arr"])
    write(account, arr=300, name=account.name)
    make("contract", account=account, arr=40, start_on=day(-9))
    assert figures(account) == (Decimal(300), None, [])


def test_a_form_that_posts_the_same_figure_leaves_it_following() -> None:
    account = make_account(currency="EUR")
    make("contract", account=account, arr=100, start_on=day(-9))
    write(account, arr=100, segment="Enterprise")
    assert figures(account)[2] == ["arr"]


def test_nothing_is_guessed() -> None:
    account = make_account(currency="EUR")
    contract = make("contract", account=account, arr=100, start_on=day(-9))
    vague = make("contract", account=account, start_on=day(-9))
    assert figures(account) == (None, None, [])
    services.delete(system(), registry.get("contract"), vague.pk)
    assert figures(account)[0] == Decimal(100)
    services.update(system(), registry.get("contract"), contract.pk, {"currency": "XAU"})
    assert figures(account) == (None, None, [])
    services.delete(system(), registry.get("contract"), contract.pk)
    assert figures(account) == (None, None, [])


def test_time_passes_by_the_refresh_of_the_book() -> None:
    account = make_account(currency="EUR")
    make("contract", account=account, arr=100, start_on=day(-9), end_on=day(5))
    make("contract", account=account, arr=60, start_on=day(3), end_on=day(400))
    assert figures(account)[:2] == (Decimal(100), day(5))
    bring_up(system(NOW + timedelta(days=4)), [account.pk])
    assert figures(account)[:2] == (Decimal(160), day(5))
    bring_up(system(NOW + timedelta(days=6)), [account.pk])
    assert figures(account)[:2] == (Decimal(60), day(400))


def test_a_figure_that_came_by_import_stays(home: Path, tmp_path: Path) -> None:
    account = make_account(currency="EUR")
    make("contract", account=account, arr=100, start_on=day(-9))
    file = tmp_path / "accounts.csv"
    file.write_text(f"Name,ARR\n{account.name},250\n")
    import_files(file)
    make("contract", account=account, arr=40, start_on=day(-9))
    assert figures(account) == (Decimal(250), None, [])


def test_an_import_that_filled_accounts_is_taken_back_whole(home: Path, tmp_path: Path) -> None:
    kept = make_account("Kept", currency="EUR")
    (tmp_path / "accounts.csv").write_text("Name,Industry\nAcme,Steel\nBolt,Steel\n")
    rows = "".join(f"{name},C-{name},{day(-9)},{day(90)},120\n" for name in ("Acme", "Bolt", "Kept"))
    (tmp_path / "contracts.csv").write_text(f"Account,Contract,Start,End,ARR\n{rows}")
    import_files(tmp_path / "accounts.csv", tmp_path / "contracts.csv")
    bolt = Account.objects.get(name="Bolt")
    assert (figures(kept)[0], figures(bolt)[0]) == (Decimal(120), Decimal(120))
    write(bolt, segment="Enterprise")
    imports.undo_import(system(NOW + timedelta(hours=1)), ImportRun.objects.latest("pk").pk)
    assert figures(kept) == (None, None, [])
    assert list(Account.objects.alive().order_by("name").values_list("name", flat=True)) == ["Bolt", "Kept"]


def test_a_contract_that_comes_by_import_fills_its_account(home: Path, tmp_path: Path) -> None:
    make_account("Acme", currency="EUR")
    file = tmp_path / "contracts.csv"
    file.write_text(
        f"Account,Contract,Start,End,ARR\nAcme,C-1,{day(-9)},{day(90)},120\nAcme,C-2,{day(-9)},{day(60)},30\n"
    )
    import_files(file)
    assert figures(Account.objects.get(name="Acme")) == (Decimal(150), day(60), ["arr", "renewal_date"])

"""A row finds its record by id, then by address, then by exact name; and finds it again."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.support import counts, import_files, reasons, write
from tests.factories import make, make_account
from trackline.accounts.models import Account, Contact, User
from trackline.align.models import Contract, Product, Route
from trackline.kit.models import CustomField, ExternalId
from trackline.kit.records.external import external_ids_of
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db


def test_a_second_import_changes_nothing(tmp_path: Path, home: Path) -> None:
    write(
        tmp_path,
        "accounts.csv",
        "Account ID,Account Name,Parent Account,Industry,ARR,Founded,Website,Account Owner\nA1,Acme,,Retail,5.50,1999,acme.com,Ann Bo\nA2,Bolt,Acme,,,2001,,\n",
    )
    write(
        tmp_path,
        "contacts.csv",
        "First Name,Last Name,Email,Company,Influence\nAnn,Bo,ann@acme.com,Acme,4\nCy,Do,,Bolt,\n",
    )
    write(
        tmp_path,
        "deals.csv",
        "Deal ID,Deal Name,Company,Stage,Amount,Close Date,Product,Owner\nD1,Big,Acme,Proposal,5000,2027-01-31,GTX Pro,Ann Bo\n",
    )
    first = import_files(tmp_path)
    assert counts(first) == {
        "created": {"users": 1, "accounts": 2, "contacts": 2, "products": 1, "routes": 1},
        "updated": {},
        "unchanged": {},
    }
    assert counts(import_files(tmp_path)) == {
        "created": {},
        "updated": {},
        "unchanged": {"accounts": 2, "contacts": 2, "routes": 1},
    }


def test_what_is_stored(tmp_path: Path, home: Path) -> None:
    import_files(
        write(
            tmp_path,
            "accounts.csv",
            "Account ID,Account Name,Industry,ARR (USD),Founded,Website,Account Owner,Employees\n"
            "A1,Müller & Söhne,Textil,1200.5,1999,https://www.mueller.de/x,Ann Bo,1200\n",
        )
    )
    account = Account.objects.get()
    assert (account.name, account.key, account.industry) == ("Müller & Söhne", "müller-söhne", "Textil")
    assert (account.arr, account.currency, account.client_fte) == (Decimal("1200.50"), "USD", 1200)
    assert (account.domain, account.custom, account.path) == ("mueller.de", {"founded": 1999}, f"/{account.pk}/")
    assert account.search_text.startswith("muller & sohne")
    assert (account.owner.name, account.owner.has_usable_password(), account.owner.roles.count()) == (
        "Ann Bo",
        False,
        0,
    )
    assert external_ids_of(registry.get("account"), account.pk) == {"csv": "A1"}
    assert CustomField.objects.get().label == "Founded"
    assert account.completeness["total"] > 0


def test_by_external_id_though_the_name_has_changed(tmp_path: Path, home: Path) -> None:
    import_files(write(tmp_path, "accounts.csv", "Account ID,Account Name\nA1,Acme\n"))
    result = import_files(write(tmp_path, "accounts.csv", "Account ID,Account Name\nA1,Acme Holding\n"))
    assert counts(result)["updated"] == {"accounts": 1}
    assert Account.objects.get().name == "Acme Holding"


def test_ids_of_different_systems_do_not_meet(tmp_path: Path, home: Path) -> None:
    import_files(write(tmp_path, "accounts.csv", "Account ID,Account Name\n1,Acme\n"))
    result = import_files(
        write(tmp_path, "accounts.csv", "Account ID,Account Name\n1,Bolt\n"), told={"files": {"*": {"system": "erp"}}}
    )
    assert counts(result)["created"] == {"accounts": 1}
    assert {(each.system, each.value) for each in ExternalId.objects.all()} == {("csv", "1"), ("erp", "1")}


def test_two_ids_are_two_accounts_though_the_name_is_one(tmp_path: Path, home: Path) -> None:
    result = import_files(write(tmp_path, "accounts.csv", "Account ID,Account Name\n1,Acme\n2,Acme\n"))
    assert counts(result)["created"] == {"accounts": 2}
    assert sorted(Account.objects.values_list("key", flat=True)) == ["acme", "acme-2"]


def test_an_account_without_an_id_gets_the_one_of_its_row(tmp_path: Path, home: Path) -> None:
    account = make_account("Acme")
    result = import_files(write(tmp_path, "accounts.csv", "Account ID,Account Name\nA1,ACME\n"))
    assert counts(result)["updated"] == {"accounts": 1}
    assert external_ids_of(registry.get("account"), account.pk) == {"csv": "A1"}


def test_by_web_domain(tmp_path: Path, home: Path) -> None:
    make_account("Acme", domain="acme.com")
    result = import_files(write(tmp_path, "accounts.csv", "Account Name,Website\nAcme Incorporated,www.acme.com\n"))
    assert counts(result) == {"created": {}, "updated": {"accounts": 1}, "unchanged": {}}
    assert Account.objects.get().name == "Acme Incorporated"


def test_a_domain_that_sisters_share_says_nothing(tmp_path: Path, home: Path) -> None:
    text = "Account Name,Website\nUnited Oil,uos.com\nUnited Oil UK,uos.com\nUnited Oil Singapore,uos.com\n"
    path = write(tmp_path, "accounts.csv", text)
    assert counts(import_files(path))["created"] == {"accounts": 3}
    assert counts(import_files(path))["unchanged"] == {"accounts": 3}


def test_contacts_by_e_mail_within_their_account(tmp_path: Path, home: Path) -> None:
    acme, bolt = make_account("Acme"), make_account("Bolt")
    make("contact", account=acme, name="Ann", email="ann@x.com")
    text = "Full Name,Email,Company\nAnn Bo,ANN@x.com,Acme\nAnn Bo,ann@x.com,Bolt\n"
    result = import_files(write(tmp_path, "contacts.csv", text))
    assert counts(result) == {"created": {"contacts": 1}, "updated": {"contacts": 1}, "unchanged": {}}
    assert set(Contact.objects.values_list("account", "name")) == {(acme.pk, "Ann Bo"), (bolt.pk, "Ann Bo")}


def test_two_addresses_are_two_people_of_one_name(tmp_path: Path, home: Path) -> None:
    make("contact", account=make_account("Acme"), name="Ann Bo", email="ann@x.com")
    text = "Full Name,Email,Company\nAnn Bo,ann.bo@x.com,Acme\nann bo,,Acme\n"
    result = import_files(write(tmp_path, "contacts.csv", text))
    assert counts(result)["created"] == {"contacts": 1}


def test_products_whatever_their_spaces(tmp_path: Path, home: Path) -> None:
    product = make("product", name="GTX Pro")
    make_account("Acme")
    import_files(write(tmp_path, "deals.csv", "Deal Name,Company,Stage,Product\nD,Acme,Won,GTXPro\n"))
    assert Route.objects.get().product_id == product.pk
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("create", {"created": {"accounts": 1}, "updated": {}, "unchanged": {}}),
        ("update", {"created": {}, "updated": {"accounts": 1}, "unchanged": {}}),
        ("both", {"created": {"accounts": 1}, "updated": {"accounts": 1}, "unchanged": {}}),
    ],
)
def test_modes(tmp_path: Path, home: Path, mode: str, expected: dict[str, Any]) -> None:
    make_account("Acme", industry="Retail")
    path = write(tmp_path, "accounts.csv", "Account Name,Industry\nAcme,Energy\nBolt,Energy\n")
    result = import_files(path, told={"mode": mode})
    assert counts(result) == expected
    assert sum(result.files[0].left_out.values()) == (0 if mode == "both" else 1)


def test_empty_cells_keep_what_is_there(tmp_path: Path, home: Path) -> None:
    make_account("Acme", industry="Retail", region="EMEA")
    import_files(write(tmp_path, "accounts.csv", "Account Name,Industry,Region,Tier\nAcme,,APAC,\n"))
    account = Account.objects.get()
    assert (account.industry, account.region) == ("Retail", "APAC")


def test_defaults_never_overwrite(tmp_path: Path, home: Path) -> None:
    make_account("Acme")
    path = write(tmp_path, "deals.csv", "Deal Name,Company,Stage\nD,Acme,Proposal\n")
    import_files(path)
    route = Route.objects.get()
    Route.objects.filter(pk=route.pk).update(probability=85, type="renewal")
    assert counts(import_files(path))["unchanged"] == {"routes": 1}
    route.refresh_from_db()
    assert (route.probability, route.type) == (85, "renewal")


def test_rows_about_one_record_must_agree(tmp_path: Path, home: Path) -> None:
    text = "Account Name,Industry\nAcme,Retail\nAcme,Retail\nacme,Energy\n"
    result = import_files(write(tmp_path, "accounts.csv", text))
    assert counts(result) == {"created": {"accounts": 1}, "updated": {}, "unchanged": {"accounts": 1}}
    assert reasons(result) == [(4, "", "The same account as in row 2, but with other values. Keep one of the rows.")]


def test_deleted_records_are_not_found_and_give_their_id_away(tmp_path: Path, home: Path) -> None:
    from tests.factories import system
    from trackline.kit.records import services

    path = write(tmp_path, "accounts.csv", "Account ID,Account Name\nA1,Acme\n")
    import_files(path)
    old = Account.objects.get()
    services.delete(system(), registry.get("account"), old.pk)
    assert counts(import_files(path))["created"] == {"accounts": 1}
    new = Account.objects.get(deleted_at__isnull=True)
    assert external_ids_of(registry.get("account"), new.pk) == {"csv": "A1"}


def test_contracts_products_and_people(tmp_path: Path, home: Path) -> None:
    make_account("Acme", currency="USD")
    write(
        tmp_path,
        "contracts.csv",
        "Contract Number,Company,Start Date,End Date,ARR,Auto Renewal,Notice Period\nC-1,Acme,2026-01-01,2026-12-31,1200,yes,90\nC-2,Acme,2026-12-31,2026-01-01,5,no,\n",
    )
    write(tmp_path, "products.csv", "Product Name,Product Family,List Price\nPro,GTX,4821\n")
    write(
        tmp_path,
        "sales_team.csv",
        "Sales Rep,Email,Manager,Region\nAnn Bo,ann@us.com,Cy Do,EMEA\nCy Do,cy@us.com,,EMEA\n",
    )
    result = import_files(tmp_path)
    contract = Contract.objects.get()
    assert (contract.currency, contract.arr, contract.auto_renew, contract.notice_days) == ("USD", 1200, True, 90)
    assert reasons(result) == [(3, "End Date", "The contract starts on 2026-12-31, after its end.")]
    assert Product.objects.get().currency == "EUR"
    ann = User.objects.get(username="ann")
    assert (ann.manager.name, ann.region, ann.manager.username) == ("Cy Do", "EMEA", "cy")
    assert counts(import_files(tmp_path))["unchanged"] == {"users": 2, "products": 1, "contracts": 1}


def test_e_mail_of_another_contact_is_refused(tmp_path: Path, home: Path) -> None:
    import_files(write(tmp_path, "accounts.csv", "Account Name\nAcme\n"))
    first = "Contact ID,Full Name,Email,Company\n1,Ann,ann@x.com,Acme\n2,Bo,bo@x.com,Acme\n"
    import_files(write(tmp_path, "contacts.csv", first))
    second = "Contact ID,Full Name,Email,Company\n2,Bo,ann@x.com,Acme\n"
    result = import_files(write(tmp_path, "contacts.csv", second))
    assert reasons(result) == [(2, "Email", "Another contact of this account has this e-mail address.")]

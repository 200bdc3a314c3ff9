"""Exports of systems without a profile of their own, as they come: recognised, and with nothing turned around."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.connectors.support import counts, drafts_of, import_files, plan_one, reasons, targets, write
from trackline.accounts.models import Account, Contact, User
from trackline.align.models import Route

pytestmark = pytest.mark.django_db


def test_a_pipedrive_deal_that_is_lost_is_lost_in_whatever_stage_it_was(tmp_path: Path, home: Path) -> None:
    organizations = write(
        tmp_path, "organizations.csv", "Organization - ID,Organization - Name,Organization - Owner\n1,Sable Ltd,Noor\n"
    )
    deals = write(
        tmp_path,
        "deals.csv",
        "Deal - ID,Deal - Title,Deal - Organization,Deal - Value,Deal - Currency of Value,Deal - Stage,Deal - Status,"
        "Deal - Lost reason\n"
        "11,Rollout,Sable Ltd,48000,GBP,Proposal Made,Open,\n12,Audit,Sable Ltd,5000,GBP,Qualified,Lost,Rival\n",
    )
    people = write(
        tmp_path,
        "people.csv",
        "Person - ID,Person - Name,Person - Organization,Person - Email - Work,Person - Phone - Mobile\n"
        "7,Kit Marsh,Sable Ltd,kit@sable.example,+44 7\n",
    )
    assert not reasons(import_files(organizations, deals, people))
    found = {
        route.title: (route.state, route.currency, route.close_reason) for route in Route.objects.order_by("title")
    }
    assert found == {"Audit": ("lost", "GBP", "Rival"), "Rollout": ("pursuing", "GBP", "")}
    kit = Contact.objects.get()
    assert (kit.email, kit.phone) == ("kit@sable.example", "+44 7")


def test_a_second_address_of_a_pipedrive_person_fills_what_the_first_leaves_empty_and_is_kept(
    tmp_path: Path, home: Path
) -> None:
    organizations = write(tmp_path, "organizations.csv", "Organization - ID,Organization - Name\n1,Sable Ltd\n")
    people = write(
        tmp_path,
        "people.csv",
        "Person - ID,Person - Name,Person - Organization,Person - Email - Home,Person - Email - Work,"
        "Person - Phone - Work,Person - Phone - Mobile\n"
        "7,Kit Marsh,Sable Ltd,kit@home.example,kit@sable.example,+44 1,+44 7\n"
        "8,Lin Osei,Sable Ltd,lin@home.example,,,+44 8\n",
    )
    assert not reasons(import_files(organizations, people))
    found = {
        one.name: (one.email, one.phone, one.custom["email_home"], one.custom["phone_mobile"])
        for one in Contact.objects.all()
    }
    assert found == {
        "Kit Marsh": ("kit@sable.example", "+44 1", "kit@home.example", "+44 7"),
        "Lin Osei": ("lin@home.example", "+44 8", "lin@home.example", "+44 8"),
    }


def test_the_account_owner_of_a_salesforce_report_owns_the_accounts_that_its_rows_make(
    tmp_path: Path, home: Path
) -> None:
    path = write(
        tmp_path,
        "report.csv",
        "Opportunity Owner,Account Name,Opportunity Name,Stage,Amount,Close Date,Account Owner\n"
        "Ana Ruiz,Sable Ltd,Rollout,Negotiation/Review,48000,2027-03-01,Noor Haddad\n"
        "Ana Ruiz,Otter Rail,Sensors,Prospecting,9000,2027-04-01,\n",
    )
    assert not reasons(import_files(path, told={"create_accounts": True}))
    owners = dict(Account.objects.values_list("name", "owner__name"))
    assert owners["Sable Ltd"] == "Noor Haddad"
    assert owners["Otter Rail"] != "Noor Haddad"
    assert set(Route.objects.values_list("owner__name", flat=True)) == {"Ana Ruiz"}


def test_a_short_salesforce_id_that_is_not_known_is_told_as_the_file_has_it(tmp_path: Path, home: Path) -> None:
    path = write(
        tmp_path,
        "Opportunity.csv",
        "Id,AccountId,Name,StageName,CloseDate,OwnerId\n006A00000012abC,001A00000099xyZ,Rollout,Prospecting,2027-03-01,\n",
    )
    found = import_files(path).rejected[0]
    assert found.value == "001A00000099xyZ"
    assert found.reason == "There is no account with the id “001A00000099xyZ”."


def test_an_amount_below_zero_is_told(tmp_path: Path, home: Path) -> None:
    path = write(tmp_path, "accounts.csv", "Account Name,ARR\nSable Ltd,-5000\nOtter Rail,0\n")
    found = import_files(path).rejected[0]
    assert (found.row, found.column, found.value, found.reason) == (2, "ARR", "-5000", "At least 0 is expected.")
    assert Account.objects.get().name == "Otter Rail"


def test_dynamics_ids_stand_in_the_columns_not_to_be_modified(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "Accounts.csv",
        "(Do Not Modify) Account,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Account Name,Owner\n"
        "8a1f,xx==,11/3/2026,Otter Rail,Robin Gray\n",
    )
    assert targets(plan_one(path)) == {
        "(Do Not Modify) Account": "external_id", "Account Name": "name", "Owner": "owner",
    }  # fmt: skip


def test_dynamics_opportunities_name_a_potential_customer(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "Opportunities.csv",
        "(Do Not Modify) Opportunity,Topic,Potential Customer,Est. Close Date,Est. Revenue,Status\n"
        "9a,Sensors,Otter Rail,12/24/2026,66000,Open\n9b,Old quote,Otter Rail,2/24/2026,6000,Lost\n",
    )
    first, second = drafts_of(path)
    assert (first.external_id, first.values["title"], first.values["value"]) == ("9a", "Sensors", Decimal(66000))
    assert first.says("account") == "Otter Rail"
    assert second.values["state"] == "lost"


def test_leads_of_close_are_accounts_not_people_of_ours(tmp_path: Path, home: Path) -> None:
    leads = write(
        tmp_path,
        "leads.csv",
        "id,display_name,status_label,url,primary_contact_name,created_by_name\n"
        "lead_1,Pico Print,Customer,https://pico.example,Jo Dent,Max Ito\n",
    )
    deals = write(
        tmp_path,
        "opportunities.csv",
        "id,lead_id,lead_name,status_label,status_type,value,value_currency,confidence,expected_date,user_name\n"
        "o1,lead_1,Pico Print,Active,active,12000,USD,50,2027-01-20,Max Ito\n"
        "o2,lead_1,Pico Print,Won,won,2000,USD,100,2026-02-02,Max Ito\n",
    )
    result = import_files(leads, deals)
    assert counts(result)["created"] == {"accounts": 1, "routes": 2, "users": 1}
    assert sorted(Route.objects.values_list("state", flat=True)) == ["pursuing", "won"]


def test_japanese_headings_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "顧客一覧.csv",
        "会社名\t業種\t担当者\t契約更新日\nさくら製作所\t製造業\t田中\t2027/03/31\n".encode("utf-16"),
    )
    plan = plan_one(path)
    assert plan.type == "account"
    assert targets(plan) == {
        "会社名": "name", "業種": "industry", "担当者": "owner", "契約更新日": "renewal_date",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["Account Name,Tier\nPlover,A\n", "Company\nPlover\n", "Firma;Land\nPlover;AT\n"])
def test_a_short_list_says_what_it_is_by_its_headings_alone(tmp_path: Path, text: str) -> None:
    assert plan_one(write(tmp_path, "x1.csv", text)).type == "account"


@pytest.mark.parametrize("text", ["Account Name,Value,Event\nPlover,1,opened\n"])
def test_a_short_list_of_anything_is_not_taken_for_accounts(tmp_path: Path, text: str) -> None:
    assert plan_one(write(tmp_path, "x1.csv", text)).type == ""


def test_subtotals_of_a_report_become_nothing(tmp_path: Path, home: Path) -> None:
    path = write(
        tmp_path,
        "report.csv",
        "Account Owner,Account Name,Annual Revenue\nMia,Lindqvist,100\nSubtotal,1,100\nJon,Castellan,50\n"
        "Subtotal,1,50\nGrand Total,2,150\n",
    )
    import_files(path)
    assert set(Account.objects.values_list("name", flat=True)) == {"Lindqvist", "Castellan"}
    assert set(User.objects.exclude(name="").values_list("name", flat=True)) >= {"Mia", "Jon"}
    assert not User.objects.filter(name="Subtotal").exists()


@pytest.mark.parametrize("written", ["Ana Ruiz (ana@acme.example)", "Ana Ruiz <ana@acme.example>"])
def test_an_owner_is_written_with_the_address(tmp_path: Path, home: Path, written: str) -> None:
    path = write(tmp_path, "companies.csv", f"Company name,Company owner,Industry\nMarigold,{written},Food\n")
    import_files(path)
    owner = Account.objects.get().owner
    assert owner is not None
    assert (owner.name, owner.email) == ("Ana Ruiz", "ana@acme.example")
    assert counts(import_files(path))["unchanged"] == {"accounts": 1}


def test_influence_in_words_and_several_buying_roles(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "contacts.csv",
        "Full Name,Company,Influence,Buying Role\nAda,Moss,High,Budget Holder;Decision Maker\nBo,Moss,2,Chef;Champion\n",
    )
    ada, bo = drafts_of(path)
    assert (ada.values["influence"], ada.values["buying_role"]) == (4, "economic_buyer")
    assert (bo.values["influence"], bo.values["buying_role"]) == (2, "champion")


def test_a_lost_deal_was_closed_on_the_day_it_was_lost(tmp_path: Path, home: Path) -> None:
    path = write(
        tmp_path,
        "deals.csv",
        "Deal - ID,Deal - Title,Deal - Organization,Deal - Stage,Deal - Status,Deal - Expected close date,Deal - Won time,"
        "Deal - Lost time\n"
        "1,Telematics,Sable Ltd,Contact Made,Lost,2026-07-31,,2026-07-20 11:00:00\n"
        "2,Depot,Sable Ltd,Negotiations Started,Won,2026-09-30,2026-09-28 15:30:00,\n",
    )
    import_files(path, told={"create_accounts": True})
    assert {route.title: str(route.closed_on) for route in Route.objects.all()} == {
        "Telematics": "2026-07-20",
        "Depot": "2026-09-28",
    }


def test_records_within_records_are_left_out_and_told(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "leads.json",
        '[{"id": "lead_1", "name": "Fjord Fisk AS", "status_label": "Customer", "contacts": [{"id": "cont_1", "name": "Nils"}]}]',
    )
    table = plan_one(path)
    assert "contacts" not in targets(table)
    [note] = next(column.notes for column in table.columns if column.heading == "contacts")
    assert note.startswith("Left out: holds lists of other records")


def test_a_people_export_of_copper(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "copper_people.csv",
        "Copper ID,First Name,Last Name,Title,Company,Email,Owned By,Last Contacted\n"
        "7001,Lena,Brandt,Head of Purchasing,Kestrel,lena@kestrel.example,Mia Kurz,2026-11-12\n",
    )
    table = plan_one(path)
    assert (table.type, targets(table)["Copper ID"], targets(table)["Owned By"]) == ("contact", "external_id", "owner")


def test_a_ticket_belongs_to_its_organization(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "zendesk-tickets.csv",
        "Ticket ID,Subject,Organization,Priority,Status,Created at,Assignee\n9001,Login,Vela,Urgent,Open,2026-11-20,Rita\n",
    )
    assert targets(plan_one(path))["Organization"] == "account"

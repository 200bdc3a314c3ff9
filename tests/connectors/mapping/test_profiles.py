"""Exports of systems with a profile of their own: whole sets as they come, with their ids, counters and languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.support import counts, drafts_of, import_files, plan_of, plan_one, reasons, targets, write
from trackline.accounts.models import Account, Contact, User
from trackline.align.models import Route
from trackline.kit.records.models import ExternalId

pytestmark = pytest.mark.django_db


def in_order(route: Route) -> tuple[str, str, float, float, str]:
    return (route.state, route.type, float(route.probability), float(route.value or 0), route.currency)


def test_pipedrive(tmp_path: Path, home: Path) -> None:
    organizations = write(
        tmp_path,
        "organizations-1234-56.csv",
        "Organization - ID,Organization - Name,Organization - Label,Organization - Owner,Organization - Open deals,"
        "Organization - Country of Address,Organization - Update time,Organization - Website,Organization - Annual revenue\n"
        '1,Brightwater,"Customer, Hot",Ines Moreau,2,Ireland,2026-11-20 10:00:00,https://brightwater.example,12500000\n',
    )
    people = write(
        tmp_path,
        "people-1234-57.csv",
        "Person - ID,Person - Name,Person - Organization,Person - Phone - Work,Person - Phone - Mobile,Person - Email - Work\n"
        '11,Orla Quinn,Brightwater,,+353 87,"orla@brightwater.example, o.quinn@brightwater.example"\n',
    )
    deals = write(
        tmp_path,
        "deals-1234-58.csv",
        "Deal - ID,Deal - Title,Deal - Owner,Deal - Value,Deal - Currency of Value,Deal - Weighted value,Deal - Probability,"
        "Deal - Organization,Deal - Organization ID,Deal - Stage,Deal - Status\n"
        "101,Fleet,Ines Moreau,48000,GBP,28800,60,Brightwater,1,Proposal Made,Open\n"
        "102,Audit,Ines Moreau,5000,GBP,4000,80,Brightwater,1,Negotiations Started,Won\n",
    )
    result = import_files(organizations, people, deals)
    assert not reasons(result)
    account = Account.objects.get()
    assert (account.region, account.tags, account.domain) == ("Ireland", ["Customer", "Hot"], "brightwater.example")
    # Counters and stamps of the machinery make no custom fields, and the others lose the name of the thing.
    assert account.custom == {"annual_revenue": 12500000}
    assert Contact.objects.get().email == "orla@brightwater.example"
    assert [in_order(each) for each in Route.objects.order_by("title")] == [
        ("won", "upsell", 100, 5000, "GBP"),
        ("pursuing", "upsell", 60, 48000, "GBP"),
    ]
    assert set(ExternalId.objects.values_list("system", flat=True)) == {"pipedrive"}
    assert counts(import_files(organizations, people, deals))["unchanged"] == {
        "accounts": 1,
        "contacts": 1,
        "routes": 2,
    }


def test_zoho(tmp_path: Path, home: Path) -> None:
    accounts = write(
        tmp_path,
        "Accounts_001.csv",
        "Record Id,Account Name,Account Owner.id,Account Owner,Parent Account.id,Parent Account,Account Type,Industry,"
        "Created By.id,Created By,Modified Time,Tag,Currency,Exchange Rate\n"
        "zcrm_41,Zylker Corp,zcrm_31,Amelia Burrows,,,Customer,Technology,zcrm_31,Amelia Burrows,2026-11-02 10:11:12,key,USD,1\n"
        "zcrm_42,Zylker Travel,zcrm_32,Patricia Boyle,zcrm_41,Zylker Corp,Prospect,-None-,zcrm_31,Amelia Burrows,,,USD,1\n",
    )
    contacts = write(
        tmp_path,
        "Contacts_001.csv",
        "Record Id,Contact Owner.id,Contact Owner,First Name,Last Name,Account Name.id,Account Name,Reporting To.id\n"
        "zcrm_51,zcrm_31,Amelia Burrows,Kavya,Rao,zcrm_41,Zylker Corp,\n"
        "zcrm_52,zcrm_31,Amelia Burrows,,Shah,zcrm_41,Zylker Corp,zcrm_51\n",
    )
    deals = write(
        tmp_path,
        "Deals_001.csv",
        "Record Id,Deal Owner.id,Deal Owner,Amount,Deal Name,Closing Date,Account Name.id,Account Name,Stage,Type,"
        "Probability (%),Currency,Reason For Loss\n"
        "zcrm_61,zcrm_31,Amelia Burrows,120000,Suite,2027-01-31,zcrm_41,Zylker Corp,Negotiation/Review,-None-,90,USD,\n"
        "zcrm_62,zcrm_32,Patricia Boyle,15000,Desk,2026-03-31,zcrm_42,Zylker Travel,Closed Lost to Competition,"
        "New Business,0,USD,Price\n",
    )
    result = import_files(accounts, contacts, deals)
    assert not reasons(result)
    travel = Account.objects.get(name="Zylker Travel")
    assert travel.parent is not None
    assert (travel.parent.name, travel.industry, travel.status, travel.custom) == ("Zylker Corp", "", "prospect", {})
    manager = Contact.objects.get(name="Shah").reports_to
    assert manager is not None
    assert manager.name == "Kavya Rao"
    assert [in_order(each) for each in Route.objects.order_by("title")] == [
        ("lost", "new_unit", 0, 15000, "USD"),
        ("pursuing", "upsell", 90, 120000, "USD"),
    ]
    assert Route.objects.get(title="Desk").close_reason == "Price"
    assert set(ExternalId.objects.values_list("system", flat=True)) == {"zoho"}


def test_dynamics(tmp_path: Path, home: Path) -> None:
    accounts = write(
        tmp_path,
        "Active Accounts 11-26-2026 9-14-03 AM.csv",
        "(Do Not Modify) Account,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Account Name,Primary Contact,Owner,"
        "Address 1: Country/Region,Status,Relationship Type\r\n"
        "0f8f,kVq==,11/20/2026 8:01:22 AM,Contoso Rail,Jim Glynn,Robin Gray,UK,Active,Prospect\r\n",
    )
    deals = write(
        tmp_path,
        "My Open Opportunities.csv",
        "(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Topic,Account,Est. Close Date,"
        "Est. Revenue,Probability,Pipeline Phase,Status,Currency\r\n"
        '1a,k1==,11/20/2026 8:01:22 AM,Sensors,Contoso Rail,12/24/2026,"$66,000.00",60,4-Close,Open,US Dollar\r\n'
        '1b,k2==,11/20/2026 8:01:22 AM,Old quote,Contoso Rail,2/24/2026,"6,000.50",95,3-Propose,Won,Euro\r\n',
    )
    result = import_files(accounts, deals)
    assert not reasons(result)
    account = Account.objects.get()
    assert (account.region, account.status) == ("UK", "prospect")
    assert [in_order(each) for each in Route.objects.order_by("title")] == [
        ("won", "upsell", 100, 6000.5, "EUR"),
        ("pursuing", "upsell", 60, 66000, "USD"),
    ]
    assert set(ExternalId.objects.values_list("system", flat=True)) == {"dynamics"}


def test_hubspot_in_german(tmp_path: Path, home: Path) -> None:
    companies = write(
        tmp_path,
        "hubspot-crm-exports-alle-unternehmen-2026-11-26.csv",
        "Datensatz-ID;Unternehmensname;Zuständiger Mitarbeiter;Erstelldatum;Land/Region;Branche;Anzahl der Mitarbeiter;"
        "Domainname des Unternehmens;Lifecycle-Phase;Übergeordnetes Unternehmen\n"
        "9001;Müller GmbH;Jörg Weiß;01.02.2024 09:12;Deutschland;Bau;420;mueller.example;Kunde;\n"
        "9002;Südwind AG;Jörg Weiß;13.05.2025 08:00;Schweiz;Käse;85;suedwind.example;Opportunity;Müller GmbH\n",
    )
    contacts = write(
        tmp_path,
        "hubspot-crm-exports-alle-kontakte.csv",
        "Datensatz-ID;Vorname;Nachname;E-Mail;Für Kontakt zuständiger Mitarbeiter;Jobbezeichnung;"
        "Zugeordnetes Unternehmen-IDs\n501;Beate;Öztürk;b@mueller.example;Jörg Weiß;Leiterin Einkauf;9001\n",
    )
    deals = write(
        tmp_path,
        "hubspot-crm-exports-alle-deals.csv",
        "Datensatz-ID;Dealname;Dealphase;Abschlussdatum;Für Deal zuständiger Mitarbeiter;Betrag;Währung;"
        "Deal-Wahrscheinlichkeit;Zugeordnetes Unternehmen (Primär);Zugeordnetes Unternehmen-IDs (Primär);Dealtyp\n"
        '7001;Presswerk;Vertrag gesendet;28.02.2027;Jörg Weiß;"125.000,50";EUR;0,9;Müller GmbH;9001;Bestandskundengeschäft\n'
        '7002;Keller;Abgeschlossen und gewonnen;03.04.2026;Jörg Weiß;"12.500,00";CHF;1;Südwind AG;9002;Neukundengeschäft\n',
    )
    assert not reasons(import_files(companies, contacts, deals))
    south = Account.objects.get(name="Südwind AG")
    assert south.parent is not None
    assert (south.parent.name, south.status, south.region, south.custom) == ("Müller GmbH", "prospect", "Schweiz", {})
    assert [in_order(each) for each in Route.objects.order_by("title")] == [
        ("won", "new_unit", 100, 12500, "CHF"),
        ("pursuing", "upsell", 90, 125000.5, "EUR"),
    ]
    assert str(Route.objects.get(title="Presswerk").expected_close_on) == "2027-02-28"
    # A sharp s is two letters where only plain ones will do.
    assert User.objects.get(name="Jörg Weiß").username == "jorg.weiss"
    assert set(ExternalId.objects.values_list("system", flat=True)) == {"hubspot"}


@pytest.mark.parametrize(
    ("heading", "field"),
    [("Nom de l'entreprise", "name"), ("Propriétaire de l’entreprise", "owner"), ("Nombre de la empresa", "name")],
)
def test_hubspot_in_french_and_spanish(tmp_path: Path, heading: str, field: str) -> None:
    name = "Company name," if field != "name" else ""
    values = "Lune," if name else ""
    text = f"{name}Company Domain Name,Lifecycle Stage,Industry,{heading}\n{values}lune.example,customer,Food,Lune\n"
    table = plan_one(write(tmp_path, "entreprises.csv", text), source="hubspot")
    assert targets(table)[heading] == field


def test_ids_of_two_systems_never_meet(tmp_path: Path, home: Path) -> None:
    import_files(write(tmp_path, "organizations.csv", "Organization - ID,Organization - Name\n1,Brightwater\n"))
    import_files(write(tmp_path, "accounts.csv", "Account ID,Account Name,Industry\n1,Contoso,Rail\n"))
    assert set(Account.objects.values_list("name", flat=True)) == {"Brightwater", "Contoso"}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("US Dollar", "USD"),
        ("Euro", "EUR"),
        ("Schweizer Franken", "CHF"),
        ("US Dollar (USD)", "USD"),
        ("Coins (GBP)", "GBP"),
    ],
)
def test_a_currency_is_given_by_its_name(tmp_path: Path, written: str, code: str) -> None:
    path = write(tmp_path, "deals.csv", f"Deal name,Company,Amount,Currency\nFleet,Acme,5,{written}\n")
    assert drafts_of(path)[0].values["currency"] == code


def test_a_currency_nobody_knows_rejects_its_row(tmp_path: Path) -> None:
    path = write(tmp_path, "deals.csv", "Deal name,Company,Amount,Currency\nFleet,Acme,5,Quatloos\n")
    [problem] = drafts_of(path)[0].problems
    assert (problem.heading, problem.value) == ("Currency", "Quatloos")


@pytest.mark.parametrize("between", [", ", ",", ";", " | ", " "])
def test_the_first_of_several_addresses_counts(tmp_path: Path, between: str) -> None:
    path = write(tmp_path, "contacts.csv", f'Full Name,Company,Email\nAda,Acme,"a@x.example{between}b@x.example"\n')
    assert drafts_of(path)[0].values["email"] == "a@x.example"


def test_a_file_without_signs_of_its_own_is_of_the_system_of_its_neighbours(tmp_path: Path) -> None:
    first = write(
        tmp_path,
        "Deals_001.csv",
        "Record Id,Deal Owner.id,Created By.id,Deal Name,Stage\nzcrm_1,zcrm_2,zcrm_2,Suite,Qualification\n",
    )
    second = write(tmp_path, "Accounts_001.csv", "Record Id,Account Name,Industry\nzcrm_3,Zylker,Food\n")
    _, plan = plan_of(first, second)
    assert [table.source for table in plan.tables] == ["zoho", "zoho"]

"""What a file is, from its name, its headings and its ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.support import plan_of, plan_one, targets, write


@pytest.mark.parametrize(
    ("name", "headings", "row", "type_name"),
    [
        ("accounts.csv", "Account Name,Industry,Employees", "Acme,Retail,5", "account"),
        ("kunden.csv", "Firma;Branche;Mitarbeiter;Betreuer", "Acme;Handel;5;Ann", "account"),
        ("clients.csv", "Raison sociale;Secteur d'activité;Effectif;Pays", "Acme;Commerce;5;France", "account"),
        ("clientes.csv", "Razón social;Sector;Empleados;País", "Acme;Comercio;5;España", "account"),
        ("liste.csv", "Kundenname;Muttergesellschaft;Vertragsverlängerung", "Acme;Bolt;31.03.2027", "account"),
        ("people.csv", "First Name,Last Name,Email,Company", "Ann,Bo,ann@acme.com,Acme", "contact"),
        ("ansprechpartner.csv", "Vorname;Nachname;E-Mail;Firma;Funktion", "Ann;Bo;a@b.de;Acme;CIO", "contact"),
        ("export.csv", "Prénom;Nom;Courriel;Société;Poste", "Ann;Bo;a@b.fr;Acme;DSI", "contact"),
        ("contactos.csv", "Nombre;Apellidos;Correo electrónico;Empresa;Cargo", "Ann;Bo;a@b.es;Acme;CIO", "contact"),
        ("deals.csv", "Deal Name,Deal Stage,Amount,Close Date", "D,Won,5,2026-01-01", "route"),
        ("verkaufschancen.csv", "Verkaufschance;Phase;Betrag;Abschlussdatum", "D;Angebot;5;1.2.2026", "route"),
        ("opportunites.csv", "Opportunité;Étape;Montant;Date de clôture", "D;Gagné;5;1.2.2026", "route"),
        ("contracts.csv", "Contract Number,Start Date,End Date,ARR", "C1,2026-01-01,2027-01-01,5", "contract"),
        (
            "vertraege.csv",
            "Vertragsnummer;Vertragsbeginn;Vertragsende;Kündigungsfrist",
            "C1;1.1.2026;1.1.2027;90",
            "contract",
        ),
        ("products.csv", "Product Name,Product Family,List Price", "P,F,5", "product"),
        ("team.csv", "Sales Rep,Manager,Region", "Ann,Bo,EMEA", "user"),
        ("tickets.csv", "Ticket ID,Subject,Priority,Status", "1,Broken,High,Open", "issue"),
    ],
)
def test_type_is_found(tmp_path: Path, name: str, headings: str, row: str, type_name: str) -> None:
    table = plan_one(write(tmp_path, name, f"{headings}\n{row}\n"))
    assert table.type == type_name
    assert all(column.how in ("heading", "profile") for column in table.columns), targets(table)


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("data_dictionary.csv", "Table,Field,Description"),
        ("survey.csv", "Timestamp,Rating,Why"),
        ("usage.csv", "usage_id,subscription_id,usage_date,feature_name,usage_count"),
        ("churn_events.csv", "churn_event_id,account_id,churn_date,reason_code,refund_amount_usd,feedback_text"),
        ("numbers.csv", "A,B,C"),
    ],
)
def test_other_files_are_left_aside_with_a_reason(tmp_path: Path, name: str, headings: str) -> None:
    table = plan_one(write(tmp_path, name, headings + "\n" + ",".join("x" for _ in headings.split(",")) + "\n"))
    assert not table.recognised
    assert table.reason.startswith("Not recognised")


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    table = plan_one(write(tmp_path, "tickets.csv", "ticket_id,account_id,priority\n1,2,high\n"))
    assert table.reason == "Not recognised: it may hold issues, but no column gives title. Map the columns by hand."


def test_salesforce_ids_tell_the_object(tmp_path: Path) -> None:
    table = plan_one(write(tmp_path, "extract.csv", "ID,NAME,OWNERID\n0014W00002578rVQAQ,Acme,0054W00000AuCYfQAN\n"))
    assert (table.source, table.type, table.object_name) == ("salesforce", "account", "Account")
    assert targets(table) == {"ID": "external_id", "NAME": "name", "OWNERID": "owner#id"}


def test_leads_are_left_aside(tmp_path: Path) -> None:
    table = plan_one(
        write(tmp_path, "report.csv", "First Name,Last Name,Company / Account,Lead Owner,Lead Status\na,b,c,d,e\n"),
        source="salesforce",
    )
    assert table.reason == "Leads are not accounts yet. Convert them in Salesforce, then export accounts and contacts."


def test_salesforce_report_headings(tmp_path: Path) -> None:
    text = (
        '"Opportunity Owner","Account Name","Opportunity Name","Stage","Fiscal Period","Amount","Expected Revenue",'
        '"Probability (%)","Age","Close Date","Created Date","Next Step","Lead Source","Type"\n'
        '"Ann","Acme","Deal","Negotiation/Review","Q1-2026","1000","900","90","5","1/31/2026","1/1/2026","","Web","New Business"\n'
    )
    table = plan_one(write(tmp_path, "report1699999999.csv", text))
    assert (table.source, table.type) == ("salesforce", "route")
    assert targets(table) == {
        "Opportunity Owner": "owner",
        "Account Name": "account",
        "Opportunity Name": "title",
        "Stage": "stage",
        "Amount": "value",
        "Expected Revenue": "custom:expected_revenue",
        "Probability (%)": "probability",
        "Close Date": "expected_close_on",
        "Lead Source": "custom:lead_source",
        "Type": "type",
    }


def test_hubspot_web_export(tmp_path: Path) -> None:
    companies = (
        "Record ID,Company name,Company owner,Create Date,Phone Number,City,Country/Region,Industry,Company Domain Name,Lifecycle Stage\n"
        "101,Acme,Ann Bo,2026-01-01 10:00,+49 30 1,Ulm,Germany,RETAIL,acme.com,customer\n"
    )
    deals = (
        "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Associated Company,Associated Company IDs,Pipeline\n"
        "201,Deal,Contract sent,2026-03-31 00:00,Ann Bo,5000,Acme,101,Sales Pipeline\n"
    )
    one = write(tmp_path, "hubspot-crm-exports-all-companies-2026-11-01.csv", companies)
    two = write(tmp_path, "hubspot-crm-exports-all-deals-2026-11-01.csv", deals)
    _, plan = plan_of(one, two)
    assert [(table.source, table.type) for table in plan.tables] == [("hubspot", "account"), ("hubspot", "route")]
    assert targets(plan.tables[0])["Company Domain Name"] == "domain"
    assert targets(plan.tables[1])["Associated Company IDs"] == "account#id"
    assert "Create Date" not in targets(plan.tables[0])


def test_neighbours_settle_the_source_of_plain_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        "deal_data.csv",
        "deal_id,property_dealname,property_amount,deal_pipeline_stage_id,portal_id,_fivetran_synced\n1,D,5,9,7,x\n",
    )
    write(tmp_path, "deal_company_data.csv", "company_id,deal_id,type_id\n3,1,5\n")
    _, plan = plan_of(tmp_path)
    assert {table.file: (table.source, table.role) for table in plan.tables} == {
        "deal_company_data.csv": ("hubspot", "link"),
        "deal_data.csv": ("hubspot", "records"),
    }


def test_forced_source_and_type(tmp_path: Path) -> None:
    path = write(tmp_path, "x.csv", "Id,Label\n1,Acme\n")
    assert not plan_one(path).recognised
    table = plan_one(path, {"files": {"x.csv": {"type": "account", "columns": {"Label": "name"}}}}, source="hubspot")
    assert (table.type, table.source, targets(table)["Label"]) == ("account", "hubspot", "name")
    assert plan_one(path, {"files": {"x.csv": {"type": "skip"}}}).reason == "Left out by hand."
    assert plan_one(path, {"files": {"x.csv": {"type": "planet"}}}).reason == "“planet” is not a record type."

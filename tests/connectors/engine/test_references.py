"""References find their record, make it, stay empty or reject the row, by what they point to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.support import counts, import_files, reasons, write
from tests.factories import as_user, make, make_account, make_cast, make_user
from trackline.accounts.models import Account, BusinessUnit, Contact, User
from trackline.align.models import Route, Stage
from trackline.kit.models import CustomField
from trackline.track.models import Interaction, Issue

pytestmark = pytest.mark.django_db

SF = {"source": "salesforce"}


def contacts(tmp_path: Path, rows: str, **more: Any) -> Any:
    return import_files(write(tmp_path, "contacts.csv", f"Full Name,Email,Company\n{rows}"), **more)


def test_an_unknown_account_rejects_the_row_with_a_hint(tmp_path: Path, home: Path) -> None:
    make_account("Okada Seimitsu K.K.")
    result = contacts(tmp_path, "Ann,a@x.com,Okada Seimitu\n")
    [rejected] = result.rejected
    assert (rejected.row, rejected.column, rejected.value) == (2, "Company", "Okada Seimitu")
    assert rejected.reason == "There is no account called “Okada Seimitu”."
    assert rejected.hint == "Okada Seimitsu K.K."


def test_an_unknown_account_is_made_where_wanted(tmp_path: Path, home: Path) -> None:
    result = contacts(tmp_path, "Ann,a@x.com,Acme\nBo,b@x.com,acme\n", told={"create_accounts": True})
    assert counts(result)["created"] == {"accounts": 1, "contacts": 2}


def test_an_ambiguous_account_rejects_the_row(tmp_path: Path, home: Path) -> None:
    make_account("Acme")
    make_account("ACME")
    result = contacts(tmp_path, "Ann,a@x.com,Acme\n")
    assert reasons(result) == [(2, "Company", "Several accounts are called “Acme”. Tell them apart by an id.")]


def test_a_contact_without_company_belongs_to_the_domain_of_its_address(tmp_path: Path, home: Path) -> None:
    acme = make_account("Acme", domain="acme.com")
    make_account("Mail", domain="gmail.com")
    result = contacts(tmp_path, "Ann,ann@acme.com,\nBo,bo@gmail.com,\nCy,cy@nowhere.org,\n")
    assert Contact.objects.get().account_id == acme.pk
    assert [(row, column) for row, column, _ in reasons(result)] == [(3, ""), (4, "")]


def test_deals_without_an_account_are_rejected_and_told(tmp_path: Path, home: Path) -> None:
    make_account("Acme")
    path = write(tmp_path, "deals.csv", "Deal Name,Company,Stage\nA,Acme,Won\nB,,Won\n")
    result = import_files(path)
    assert reasons(result) == [(3, "", "No account: the row does not say which account it belongs to.")]


def test_owners_by_name_e_mail_and_id(tmp_path: Path, home: Path) -> None:
    ann = make_user("ann", name="Ann Bo", email="ann@us.com")
    text = "Deal Name,Company,Stage,Deal Owner,Owner Email\nA,Acme,Won,ANN BO,\nB,Acme,Won,,ann@us.com\nC,Acme,Won,Cy Do,cy@us.com\nD,Acme,Won,ann,\nE,Acme,Won,Unassigned,\n"
    make_account("Acme")
    import_files(write(tmp_path, "deals.csv", text))
    owners = dict(Route.objects.values_list("title", "owner__name"))
    assert owners == {"A": "Ann Bo", "B": "Ann Bo", "C": "Cy Do", "D": "Ann Bo", "E": None}
    assert User.objects.get(name="Cy Do").email == "cy@us.com"
    assert ann.pk


def test_an_unknown_owner_id_stays_empty_and_is_told(tmp_path: Path, home: Path) -> None:
    result = import_files(
        write(
            tmp_path,
            "Account.csv",
            "ID,NAME,OWNERID,PARENTID\n0014W00002578rVQAQ,Acme,0054W00000AuCYfQAN,0014W00002578zzQAA\n",
        )
    )
    assert [(each.column, each.reason) for each in result.warnings] == [
        ("OWNERID", "No person with this id is known; the field stays empty."),
        ("PARENTID", "No account with this id is known; the field stays empty."),
    ]
    assert Account.objects.get().owner is None


def test_salesforce_files_by_their_ids_in_any_order(tmp_path: Path, home: Path) -> None:
    write(tmp_path, "User.csv", "ID,NAME,EMAIL,ISACTIVE\n0054W00000AuCYfQAN,Ann Bo,ann@us.com,true\n")
    write(
        tmp_path,
        "Account.csv",
        "ID,NAME,PARENTID,OWNERID\n0014W00002578rVQAQ,Child,0014W00002578rWQAQ,0054W00000AuCYfQAN\n0014W00002578rWQAQ,Parent,,\n",
    )
    write(
        tmp_path,
        "Contact.csv",
        "ID,FIRSTNAME,LASTNAME,EMAIL,ACCOUNTID,REPORTSTOID\n0034W00002578aaQAA,Ann,Bo,a@x.com,0014W00002578rV,0034W00002578bbQAA\n0034W00002578bbQAA,Cy,Do,c@x.com,0014W00002578rVQAQ,\n",
    )
    write(
        tmp_path,
        "Opportunity.csv",
        "ID,NAME,ACCOUNTID,STAGENAME,AMOUNT,PROBABILITY,CLOSEDATE,ISWON,ISCLOSED\n0064W00002578ccQAA,Deal,0014W00002578rVQAQ,Closed Won,3.5E4,100,2026-01-31,true,true\n",
    )
    write(tmp_path, "Product2.csv", "ID,NAME,FAMILY\n01t4W00002578ddQAA,Pro,GTX\n")
    write(
        tmp_path,
        "OpportunityLineItem.csv",
        "ID,OPPORTUNITYID,PRODUCT2ID,TOTALPRICE\n00k4W00002578eeQAA,0064W00002578ccQAA,01t4W00002578ddQAA,5\n",
    )
    write(
        tmp_path,
        "Case.csv",
        "ID,CASENUMBER,SUBJECT,ACCOUNTID,OWNERID,PRIORITY,STATUS\n5004W00002578ffQAA,00001,Broken,0014W00002578rVQAQ,0054W00000AuCYfQAN,High,New\n",
    )
    write(
        tmp_path,
        "Task.csv",
        "ID,SUBJECT,ACCOUNTID,WHOID,ACTIVITYDATE,STATUS\n00T4W00002578ggQAA,Call,0014W00002578rVQAQ,0034W00002578aaQAA,2026-01-05,Completed\n",
    )
    result = import_files(tmp_path)
    assert (result.rejected, result.failed) == ([], [])
    assert counts(result)["created"] == {
        "users": 1,
        "products": 1,
        "accounts": 2,
        "contacts": 2,
        "routes": 1,
        "issues": 1,
        "interactions": 1,
    }
    child = Account.objects.get(name="Child")
    assert (child.parent.name, child.owner.name, child.path) == ("Parent", "Ann Bo", f"/{child.parent_id}/{child.pk}/")
    assert Contact.objects.get(name="Ann Bo").reports_to.name == "Cy Do"
    route = Route.objects.get()
    assert (route.account_id, route.value, route.state, route.product.name) == (child.pk, 35000, "won", "Pro")
    assert (route.pipeline.name, route.stage, str(route.closed_on)) == ("Salesforce", "closed-won", "2026-01-31")
    assert Issue.objects.get().assignee.name == "Ann Bo"
    assert list(Interaction.objects.get().contacts.values_list("name", flat=True)) == ["Ann Bo"]
    assert str(Contact.objects.get(name="Ann Bo").last_touch_on) == "2026-01-05"
    again = counts(import_files(tmp_path))
    assert (again["created"], again["updated"]) == ({}, {})


def test_tree_files_by_their_references(tmp_path: Path, home: Path) -> None:
    tree = {
        "records": [
            {
                "attributes": {"type": "Account", "referenceId": "AccountRef1"},
                "Name": "Acme",
                "ParentId": "@AccountRef2",
                "Contacts": {"records": [{"attributes": {"type": "Contact", "referenceId": "C1"}, "LastName": "Bo"}]},
            },
            {"attributes": {"type": "Account", "referenceId": "AccountRef2"}, "Name": "Holding"},
        ]
    }
    write(tmp_path, "1-accounts.json", json.dumps(tree))
    deal = {
        "attributes": {"type": "Opportunity", "referenceId": "O1"},
        "Name": "Deal",
        "AccountId": "@AccountRef1",
        "StageName": "Prospecting",
        "Amount": 5,
    }
    write(tmp_path, "2-deals.json", json.dumps({"records": [deal]}))
    result = import_files(tmp_path, told=SF)
    assert counts(result)["created"] == {"accounts": 2, "contacts": 1, "routes": 1}
    assert Account.objects.get(name="Acme").parent.name == "Holding"
    assert Contact.objects.get().account.name == Route.objects.get().account.name == "Acme"


def test_hubspot_tables_join_by_their_link_files(tmp_path: Path, home: Path) -> None:
    write(tmp_path, "company_data.csv", "id,property_name,property_domain,_fivetran_synced\n3,Acme,acme.com,x\n")
    write(tmp_path, "owner_data.csv", "owner_id,first_name,last_name,email,_fivetran_synced\n7,Ann,Bo,ann@us.com,x\n")
    write(
        tmp_path,
        "deal_data.csv",
        "deal_id,is_deleted,owner_id,property_dealname,property_closedate,portal_id,_fivetran_synced\n1,false,7,Deal,1767225600000,9,x\n2,true,7,Old,,9,x\n",
    )
    write(tmp_path, "deal_company_data.csv", "company_id,deal_id,type_id\n3,1,5\n")
    result = import_files(tmp_path)
    assert result.rejected == []
    route = Route.objects.get()
    assert (route.account.name, route.owner.name, str(route.expected_close_on)) == ("Acme", "Ann Bo", "2026-01-01")
    assert result.files[-1].left_out == {"Deleted in HubSpot.": 1}


def test_business_units_are_made_within_the_account(tmp_path: Path, home: Path) -> None:
    make_account("Acme")
    import_files(
        write(
            tmp_path,
            "contacts.csv",
            "Full Name,Email,Company,Business Unit\nAnn,a@x.com,Acme,Paint\nBo,b@x.com,Acme,paint\n",
        )
    )
    assert BusinessUnit.objects.get().name == "Paint"


def test_a_boss_must_be_in_the_same_account(tmp_path: Path, home: Path) -> None:
    make("contact", account=make_account("Bolt"), name="Cy Do")
    make_account("Acme")
    text = "Full Name,Email,Company,Reports To\nAnn,a@x.com,Acme,Bo\nBo,b@x.com,Acme,\nDe,d@x.com,Acme,Cy Do\n"
    result = import_files(write(tmp_path, "contacts.csv", text))
    assert Contact.objects.get(name="Ann").reports_to.name == "Bo"
    assert reasons(result) == [(4, "Reports To", "There is no contact called “Cy Do” in this account.")]


def test_issues_need_somebody(tmp_path: Path, home: Path) -> None:
    cast = make_cast(scope="all")
    path = write(
        tmp_path,
        "tickets.csv",
        f"Ticket ID,Subject,Company,Priority,Status\n1,Broken,{cast.account.name},urgent,open\n",
    )
    Account.objects.update(owner=None)
    assert "neither the row nor the account names one" in import_files(path).rejected[0].reason
    import_files(path, ctx=as_user(cast.owner))
    assert Issue.objects.get().assignee_id == cast.owner.pk


def test_the_future_has_not_happened(tmp_path: Path, home: Path) -> None:
    make_account("Acme")
    result = import_files(
        write(tmp_path, "activities.csv", "Subject,Company,Activity Date,Activity Type\nVisit,Acme,2099-01-01,Besuch\n")
    )
    assert reasons(result) == [(2, "Activity Date", "This has not happened yet. Plan a meeting or an action instead.")]


class TestRights:
    """What somebody who is no administrator may bring about by an import."""

    def test_nothing_outside_the_scope_is_found(self, tmp_path: Path, home: Path) -> None:
        cast = make_cast()
        path = write(tmp_path, "contacts.csv", f"Full Name,Email,Company\nAnn,a@x.com,{cast.account.name}\n")
        result = import_files(path, ctx=as_user(cast.outsider))
        assert result.rejected[0].reason.startswith("There is no account called")
        assert counts(import_files(path, ctx=as_user(cast.owner)))["created"] == {"contacts": 1}

    def test_ids_outside_the_scope_stay_with_their_record(self, tmp_path: Path, home: Path) -> None:
        cast = make_cast()
        path = write(tmp_path, "accounts.csv", f"Account ID,Account Name\nA1,{cast.account.name}\n")
        import_files(path, ctx=as_user(cast.owner))
        result = import_files(path, ctx=as_user(cast.outsider))
        assert reasons(result) == [(2, "", "This id belongs to an account that you cannot see.")]

    def test_people_fields_and_pipelines_need_an_administrator(self, tmp_path: Path, home: Path) -> None:
        cast = make_cast()
        path = write(
            tmp_path,
            "deals.csv",
            f"Deal Name,Company,Stage,Owner,Hobby\nA,{cast.account.name},Zuschlag erwartet Angebot,Nobody Known,x\n",
        )
        result = import_files(path, ctx=as_user(cast.owner))
        route = Route.objects.get()
        assert (route.state, route.owner_id, route.custom) == ("pursuing", cast.owner.pk, {})
        assert route.pipeline.is_default, "the stage may not be made, so the route stands where new routes do"
        assert not Stage.objects.filter(name__startswith="Zuschlag").exists()
        assert result.files[0].notes == ["Left out, as only an administrator adds custom fields: Hobby"]
        assert not CustomField.objects.exists()

    def test_readers_may_not_import(self, tmp_path: Path, home: Path) -> None:
        from trackline.kit.problems import Forbidden

        cast = make_cast()
        path = write(tmp_path, "accounts.csv", "Account Name\nAcme\n")
        with pytest.raises(Forbidden):
            import_files(path, ctx=as_user(cast.facilitator))


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("Kestrel Instruments", "Kestrel Instruments Ltd"),
        ("Kestrel Instrumnts Limited", "Kestrel Instruments Ltd"),
        ("Kestrel Haulage", ""),
        ("Marlow & Finch", ""),
    ],
)
def test_a_hint_is_a_slip_of_the_pen_not_another_company(tmp_path: Path, home: Path, written: str, hint: str) -> None:
    for name in ("Kestrel Instruments Ltd", "Brandt Guss- und Präzisionsformenbau mbH & Co. KG"):
        make_account(name)
    [rejected] = contacts(tmp_path, f"Ann,a@x.com,{written}\n").rejected
    assert rejected.hint == hint


def test_a_dry_run_knows_the_accounts_of_another_system(tmp_path: Path, home: Path) -> None:
    write(
        tmp_path / "in",
        "companies.csv",
        "Record ID,Company name,Company owner,Lifecycle Stage\n7,Sable,Noor,customer\n",
    )
    write(tmp_path / "in", "kontakte.csv", "Vorname,Nachname,Firma,Rolle im Buying Center\nKit,Marsh,Sable,Champion\n")
    look = import_files(tmp_path / "in", dry_run=True)
    assert not reasons(look)
    assert counts(look)["created"] == {"accounts": 1, "contacts": 1, "users": 1}

"""Which column goes where, and what becomes of the others."""

from __future__ import annotations

from pathlib import Path

from tests.connectors.support import drafts_of, plan_of, plan_one, targets, write


def test_units_nouns_and_currencies_around_headings_do_not_matter(tmp_path: Path) -> None:
    path = write(
        tmp_path, "companies.csv", "Company Name,Company Industry,ARR (EUR),Company - Website\nAcme,Retail,5,acme.com\n"
    )
    table = plan_one(path)
    assert targets(table) == {
        "Company Name": "name",
        "Company Industry": "industry",
        "ARR (EUR)": "arr",
        "Company - Website": "domain",
    }
    [draft] = drafts_of(path)
    assert draft.values["currency"] == "EUR"


def test_unknown_columns_are_kept_with_their_kind(tmp_path: Path) -> None:
    text = (
        "Account Name,Founded,Turnover,Since Year,Is Public,Fax,Zip,Last Fair,Remark,Empty\n"
        f"Acme,1999,1100.04,2004,yes,+49 30 1,01067,2024-03-31,{'x' * 300},\n"
        "Bolt,2001,98.79,1998,no,030 2,80331,2024-04-01,y,\n"
    )
    table = plan_one(write(tmp_path, "accounts.csv", text))
    kept = {column.heading: (column.target, column.kind) for column in table.columns if column.is_custom}
    assert kept == {
        "Founded": ("custom:founded", "decimal"),
        "Turnover": ("custom:turnover", "decimal"),
        "Since Year": ("custom:since_year", "decimal"),
        "Is Public": ("custom:is_public", "boolean"),
        "Fax": ("custom:fax", "text"),
        "Zip": ("custom:zip", "text"),
        "Last Fair": ("custom:last_fair", "date"),
        "Remark": ("custom:remark", "longtext"),
    }


def test_one_custom_field_whatever_the_spelling(tmp_path: Path) -> None:
    one = plan_one(write(tmp_path, "a.csv", "ID,NAME,ANNUALREVENUE,SLA__C\n0014W00002578rVQAQ,Acme,3.5E8,Gold\n"))
    two = plan_one(
        write(
            tmp_path,
            "Account.json",
            '{"records": [{"attributes": {"type": "Account", "referenceId": "A1"}, "Name": "Acme", "AnnualRevenue": 3, "SLA__c": "Gold"}]}',
        )
    )
    assert targets(one)["ANNUALREVENUE"] == targets(two)["AnnualRevenue"] == "custom:annual_revenue"
    assert targets(one)["SLA__C"] == targets(two)["SLA__c"] == "custom:sla"


def test_colliding_custom_fields_stay_apart(tmp_path: Path) -> None:
    table = plan_one(write(tmp_path, "accounts.csv", "Account Name,Hobby,hobby!\nAcme,a,b\n"))
    assert targets(table) == {"Account Name": "name", "Hobby": "custom:hobby", "hobby!": "custom:hobby_2"}


def test_a_number_column_full_of_words_is_kept_as_text(tmp_path: Path) -> None:
    table = plan_one(write(tmp_path, "accounts.csv", "Account Name,Employees\nAcme,51-200\nBolt,11-50\nKranz,1000+\n"))
    assert targets(table)["Employees"] == "custom:employees"
    assert table.columns[1].notes == ["Most values are no number; kept as text"]


def test_an_e_mail_column_without_addresses_is_kept_as_text(tmp_path: Path) -> None:
    table = plan_one(write(tmp_path, "contacts.csv", "Full Name,Email\nAnn,3f2a\nBo,77aa\n"))
    assert targets(table)["Email"] == "custom:email"


def test_family_name_beside_the_given_one(tmp_path: Path) -> None:
    [draft] = drafts_of(write(tmp_path, "kontakte.csv", "Name;Vorname;E-Mail\nKeller;Sabine;s@k.de\n"))
    assert draft.values["name"] == "Sabine Keller"


def test_accounts_inside_a_list_of_contacts(tmp_path: Path) -> None:
    text = (
        "Firma;Branche;Land;Ansprechpartner;E-Mail\nAcme;Handel;DE;Ann Bo;a@acme.de\nAcme;Handel;DE;Cy Do;c@acme.de\n"
    )
    _, plan = plan_of(write(tmp_path, "liste.csv", text))
    accounts, contacts = sorted(plan.tables, key=lambda table: not table.embedded)
    assert (accounts.type, accounts.embedded) == ("account", True)
    assert targets(accounts) == {"Firma": "name", "Branche": "industry", "Land": "region"}
    assert targets(contacts) == {"Firma": "account", "Ansprechpartner": "name", "E-Mail": "email"}


def test_a_map_takes_a_field_from_the_column_that_was_found(tmp_path: Path) -> None:
    path = write(tmp_path, "kunden.csv", "Firma;Kurzname;ARR\nAcme AG;Acme;5\n")
    table = plan_one(path, {"files": {"kunden*": {"columns": {"Kurzname": "name", "ARR": None}}}})
    assert targets(table) == {"Firma": "custom:firma", "Kurzname": "name"}


def test_plans_survive_as_json(tmp_path: Path) -> None:
    from trackline.connectors.mapping.plan import ImportPlan

    _, plan = plan_of(write(tmp_path, "deals.csv", "Deal Name,Stage,Close Date\nD,Foo,03/04/2024\n"))
    assert ImportPlan.from_json(plan.to_json()) == plan


class TestDaysOfASpreadsheet:
    """Dates that a spreadsheet wrote as the numbers it counts days by."""

    def test_they_are_read_as_days_and_told(self, tmp_path: Path) -> None:
        path = write(tmp_path, "accounts.csv", "Company name,Renewal date\nAcme,46388\nBolt,2027-02-01\nCole,46753.5\n")
        assert [str(draft.values["renewal_date"]) for draft in drafts_of(path)] == [
            "2027-01-01",
            "2027-02-01",
            "2028-01-01",
        ]
        notes = next(column.notes for column in plan_one(path).columns if column.heading == "Renewal date")
        assert notes == ["Day numbers of a spreadsheet are read as days: 46388 is 1 January 2027"]

    def test_beside_what_is_no_date_they_are_none(self, tmp_path: Path) -> None:
        path = write(
            tmp_path,
            "accounts.csv",
            "Company name,Renewal date\nAcme,46388\nBolt,next spring\nCole,2027-02-01\nDon,2027-03-01\n",
        )
        first, second, *_ = drafts_of(path)
        assert [problem.value for draft in (first, second) for problem in draft.problems] == ["46388", "next spring"]

"""Public exports and data sets, as they are published. Skipped where the folder with them is not beside the repository."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from tests.connectors.support import SHARED, counts, import_files, plan_of, targets
from trackline.accounts.models import Account, User
from trackline.align.models import Contract, Product, Route
from trackline.book.queries.pipeline import pipeline
from trackline.kit.policy import system_context

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SHARED.is_dir(), reason=f"no folder {SHARED} with the public data sets"),
]


def test_maven_imports_whole_without_a_map(home: Path) -> None:
    folder = SHARED / "maven_crm"
    result = import_files(folder)
    assert counts(result)["created"] == {"users": 41, "products": 7, "accounts": 85, "routes": 7375}
    reasons = Counter((each.file, each.reason) for each in result.rejected)
    assert reasons == {("sales_pipeline.csv", "No account: the row does not say which account it belongs to."): 1425}
    assert [each["file"] for each in result.skipped] == ["README.md", "data_dictionary.csv"]
    assert (result.ok, result.questions) == (True, [])
    assert Account.objects.filter(parent__isnull=False).count() == 15
    assert Account.objects.filter(parent__name="Acme Corporation").count() == 4
    acme = Account.objects.get(name="Acme Corporation")
    assert (acme.industry, acme.client_fte, acme.region) == ("technolgy", 2822, "United States")
    assert acme.custom == {"year_established": 1996, "revenue": 1100.04}
    assert Counter(Route.objects.values_list("state", flat=True)) == {
        "won": 4238,
        "lost": 2473,
        "pursuing": 501,
        "identified": 163,
    }
    darcel = User.objects.get(name="Darcel Schlecht")
    assert (darcel.manager.name, darcel.region) == ("Melvin Marxen", "Central")
    assert Route.objects.filter(owner=darcel, state="won").count() == 349
    assert Product.objects.get(name="GTX Pro").list_price == 4821
    assert Route.objects.filter(product__name="GTX Pro").count() > 0
    route = Route.objects.get(title="GTXPro · Z063OYW0")
    assert route.product.name == "GTX Pro"
    assert (route.account.name, route.value, str(route.closed_on)) == ("Isdom", Decimal(4514), "2017-03-11")
    assert route.custom == {"engage_date": "2016-10-25"}
    ctx = system_context(timezone.now())
    won = {row["key"]: row for row in pipeline(ctx, ctx.today, "owner", "won")["rows"]}
    assert won["Darcel Schlecht"]["count"] == 349
    assert (sum(row["count"] for row in won.values()), sum(row["value"] for row in won.values())) == (4238, 10_005_534)
    again = import_files(folder)
    assert (counts(again)["created"], counts(again)["updated"]) == ({}, {})


def test_salesforce_accounts_of_both_formats_are_the_same(home: Path) -> None:
    folder = SHARED / "salesforce_devorg_tree"
    result = import_files(folder / "csv", folder / "treeapi")
    assert counts(result)["created"] == {"accounts": 12, "contacts": 4}
    assert counts(result)["unchanged"] == {"accounts": 12}
    burlington = Account.objects.get(name__startswith="Burlington")
    assert burlington.custom["annual_revenue"] == 350_000_000
    assert burlington.custom["sla"] == "Silver"
    assert burlington.custom["sla_expiration_date"] == "2019-10-22"
    assert (burlington.industry, burlington.client_fte, burlington.domain) == ("Apparel", 9000, "burlington.com")
    skipped = {each["file"]: each["reason"] for each in result.skipped}
    assert skipped["Lead.json"].startswith("Leads are not accounts yet.")
    assert counts(import_files(folder / "csv", folder / "treeapi"))["created"] == {}


def test_hubspot_tables_as_a_loader_lands_them(home: Path) -> None:
    _, plan = plan_of(SHARED / "hubspot_api_seeds")
    found = {table.file: (table.type, table.role) for table in plan.tables if table.recognised}
    assert found == {
        "company_data.csv": ("account", "records"),
        "contact_data.csv": ("contact", "records"),
        "deal_data.csv": ("route", "records"),
        "owner_data.csv": ("user", "records"),
        "ticket_data.csv": ("issue", "records"),
        "deal_company_data.csv": ("", "link"),
        "ticket_company_data.csv": ("", "link"),
        "deal_pipeline_data.csv": ("", "pipelines"),
        "deal_pipeline_stage_data.csv": ("", "stages"),
    }
    assert all(table.reason for table in plan.tables if not table.recognised)
    result = import_files(SHARED / "hubspot_api_seeds")
    assert counts(result)["created"] == {"users": 100, "accounts": 24}
    assert result.failed == []


def test_subscriptions_become_contracts(home: Path) -> None:
    result = import_files(SHARED / "ravenstack_saas")
    assert counts(result)["created"] == {"accounts": 500, "contracts": 5000}
    assert result.rejected == []
    assert 11.3e6 < sum(Contract.objects.values_list("arr", flat=True)) / 12 < 11.4e6  # monthly, of all records
    contract = Contract.objects.get(ref="S-8cec59")
    assert (str(contract.start_on), str(contract.end_on), contract.arr) == ("2023-12-23", "2024-04-12", 33432)
    assert contract.account.name == Account.objects.get(pk=contract.account_id).name
    assert Account.objects.get(name="Company_0").custom["churn_flag"] is False


def test_listed_companies_become_accounts(home: Path) -> None:
    _, plan = plan_of(SHARED / "sp500_companies" / "constituents-financials.csv")
    assert targets(plan.tables[0])["Sector"] == "industry"
    result = import_files(SHARED / "sp500_companies" / "constituents-financials.csv")
    assert counts(result)["created"] == {"accounts": 503}


@pytest.mark.parametrize("folder", ["cdnow_repeat_purchase", "nps_sudzilla_survey", "spc_montgomery"])
def test_other_data_is_left_aside(home: Path, folder: str) -> None:
    result = import_files(SHARED / folder)
    assert (counts(result)["created"], result.failed, result.files) == ({}, [], [])

"""Registers that go through the record services row by row, and files that this product exported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.support import counts, import_files, reasons, targets, write
from tests.factories import make, make_account, make_user, system
from trackline.accounts.models import Account, Contact, Kpi, Observation
from trackline.connectors import services
from trackline.connectors.models import ImportRun
from trackline.kit.models import ExternalId
from trackline.kit.records import exports
from trackline.kit.records.queries import ListParams
from trackline.kit.records.types import registry
from trackline.reveal.models import Goal
from trackline.track.models import Risk

pytestmark = pytest.mark.django_db


def test_goals_by_their_labels(tmp_path: Path, home: Path) -> None:
    make_account("Acme")
    make_user("ann", name="Ann Bo")
    text = "Goal,Account,Title,Baseline,Target,Due,Owner,Status\n1,Acme,Scrap below 2 %,4.5,2,31.12.2027,Ann Bo,On track\n2,Acme,No target,1,,,,\n"
    path = write(tmp_path, "goals.csv", text)
    assert targets(plan_one_known(path))["Due"] == "due_on"
    result = import_files(path)
    assert counts(result)["created"] == {"goals": 1}
    assert reasons(result) == [(3, "Target", "Needed, but missing.")]
    goal = Goal.objects.get()
    assert (goal.title, goal.owner.name, str(goal.due_on)) == ("Scrap below 2 %", "Ann Bo", "2027-12-31")
    again = counts(import_files(path))
    assert (again["created"], again["unchanged"]) == ({}, {"goals": 1})
    changed = write(tmp_path, "goals.csv", text.replace("31.12.2027", "30.11.2027"))
    assert counts(import_files(changed))["updated"] == {"goals": 1}
    services.undo_import(system(), ImportRun.objects.latest("pk").pk)
    goal.refresh_from_db()
    assert str(goal.due_on) == "2027-12-31"


def plan_one_known(path: Path):  # type: ignore[no-untyped-def]
    """The plan with all record types, as the services make it."""
    _, plan = services.plan_import([path])
    return plan.tables[0]


def test_kpis_and_observations(tmp_path: Path, home: Path) -> None:
    make_account("Acme")
    write(
        tmp_path, "1-kpis.csv", "Account,Name,Unit,Direction,Baseline,Target\nAcme,Scrap rate,percent,decrease,4.5,2\n"
    )
    import_files(tmp_path / "1-kpis.csv")
    kpi = Kpi.objects.get()
    path = write(
        tmp_path,
        "observations.csv",
        f"Account,Metric,Value,Date\nAcme,{kpi.metric.key},4.1,2026-09-30\nAcme,{kpi.metric.key},3.9,2026-10-31\n",
    )
    assert counts(import_files(path))["created"] == {"observations": 2}
    assert Observation.objects.count() == 2
    assert counts(import_files(path))["unchanged"] == {"observations": 2}


def test_a_look_at_a_register_writes_nothing(tmp_path: Path, home: Path) -> None:
    make_account("Acme")
    path = write(tmp_path, "risks.csv", "Account,Title,Likelihood,Impact\nAcme,Price war,4,5\nAcme,Bad,9,5\n")
    look = import_files(path, dry_run=True)
    assert counts(look)["created"] == {"risks": 1}
    assert reasons(look) == [(3, "Likelihood", "A whole number from 1 to 5 is expected.")]
    assert not Risk.objects.exists()


def test_registers_are_recognised_by_their_file_alone(tmp_path: Path, home: Path) -> None:
    path = write(tmp_path, "list.csv", "Account,Title,Likelihood,Impact\nAcme,Price war,4,5\n")
    assert plan_one_known(path).type != "risk"


class TestOwnExport:
    """What the product exports, it takes back."""

    @pytest.fixture
    def book(self, home: Path) -> Account:
        """Two accounts, one below the other, with a contact and a goal."""
        top = make_account("Holding", industry="Energy", tags=["core", "north"], currency="CHF")
        account = make_account("Acme", parent=top, arr="1200.50", renewal_date="2027-03-31", watch=True)
        make("contact", account=account, name="Ann", email="ann@acme.com", influence=5)
        make("goal", account=account, title="Less scrap", baseline=4, target=2)
        return account

    def export(self, folder: Path, ending: str) -> Path:
        """Every account, contact and goal as files."""
        folder.mkdir()
        for name in ("account", "contact", "goal"):
            rtype = registry.get(name)
            items = exports.rows(system(), rtype, ListParams())
            path = folder / f"{rtype.resource}.{ending}"
            if ending == "csv":
                exports.write_csv(path, system(), rtype, items)
            else:
                exports.write_json(path, items)
        return folder

    @pytest.mark.parametrize("ending", ["csv", "json"])
    def test_unchanged_files_change_nothing(self, tmp_path: Path, book: Account, ending: str) -> None:
        result = import_files(self.export(tmp_path / "out", ending))
        assert result.rejected == []
        assert counts(result) == {"created": {}, "updated": {}, "unchanged": {"accounts": 2, "contacts": 1, "goals": 1}}
        assert not ExternalId.objects.exists()

    def test_edited_files_change_what_was_edited(self, tmp_path: Path, book: Account) -> None:
        path = self.export(tmp_path / "out", "csv") / "accounts.csv"
        path.write_text(path.read_text("utf-8-sig").replace("Acme", "Acme Group"), "utf-8")
        result = import_files(path)
        assert counts(result)["updated"] == {"accounts": 1}
        assert result.files[0].changed_fields == {"name": 1}

    @pytest.mark.parametrize("ending", ["csv", "json"])
    def test_another_book_takes_them_in(self, tmp_path: Path, book: Account, ending: str) -> None:
        folder = self.export(tmp_path / "out", ending)
        Account.objects.update(parent=None)
        for model in (Goal, Contact, Account):
            model.objects.all().delete()
        make_account("Somebody else")
        result = import_files(folder)
        assert result.rejected == []
        assert counts(result)["created"] == {"accounts": 2, "contacts": 1, "goals": 1}
        account = Account.objects.get(name="Acme")
        assert (account.parent.name, str(account.arr), account.watch) == ("Holding", "1200.50", True)
        assert (account.parent.tags, account.parent.currency) == (["core", "north"], "CHF")
        assert Contact.objects.get().account_id == Goal.objects.get().account_id == account.pk

"""An import is taken back as a whole, except where somebody has worked on since."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.support import counts, import_files, write
from tests.factories import NOW, as_user, make, make_account, make_user, system
from trackline.accounts.models import Account, Contact, User
from trackline.align.models import Pipeline, Route, Stage
from trackline.connectors import services
from trackline.connectors.engine.undo import Undone
from trackline.connectors.models import ImportRun
from trackline.kit.history.models import Change
from trackline.kit.problems import Forbidden, NotFound, Refused
from trackline.kit.records import services as records
from trackline.kit.records.external import external_ids_of
from trackline.kit.records.types import registry
from trackline.watch.models import Alert

pytestmark = pytest.mark.django_db
LATER = system(NOW + timedelta(days=1))


def undo() -> Undone:
    return services.undo_import(LATER, ImportRun.objects.latest("pk").pk)


def alive(model: Any) -> Any:
    return model.objects.filter(deleted_at__isnull=True)


def files(tmp_path: Path) -> Path:
    write(tmp_path, "accounts.csv", "Account ID,Account Name,Parent Account,Account Owner\n1,B,A,Ann Us\n2,A,,\n")
    write(tmp_path, "contacts.csv", "Full Name,Email,Company,Reports To\nAnn,a@x.com,A,Bo\nBo,b@x.com,A,\n")
    write(tmp_path, "deals.csv", "Deal Name,Company,Stage,Product\nD,A,Zuschlag Angebot,Pro\n")
    return tmp_path


def test_what_it_created_goes_and_may_be_imported_again(tmp_path: Path, home: Path) -> None:
    first = import_files(files(tmp_path))
    undone = undo()
    assert dict(undone.removed) == {
        "accounts": 2,
        "contacts": 2,
        "routes": 1,
        "products": 1,
        "users": 1,
        "stages": 1,
        "pipelines": 1,
    }
    assert undone.left == []
    assert not any(alive(model).exists() for model in (Account, Contact, Route, User))
    assert not alive(Stage).filter(pipeline__name="Imported").exists()
    again = import_files(tmp_path)
    assert counts(again) == counts(first)
    assert external_ids_of(registry.get("account"), alive(Account).get(name="B").pk) == {"csv": "1"}


def test_what_it_changed_goes_back(tmp_path: Path, home: Path) -> None:
    one, two = make_account("One"), make_account("Two")
    account = make_account("Acme", industry="Retail", parent=one, arr="5.50", renewal_date="2026-01-31")
    route = make("route", account=account, title="D", type="upsell")
    write(
        tmp_path,
        "accounts.csv",
        "Account ID,Account Name,Industry,Parent Account,ARR,Renewal Date,Hobby\n1,Acme,Energy,Two,7,2027-01-31,x\n",
    )
    write(tmp_path, "deals.csv", "Deal Name,Company,Stage\nD,Acme,Won\n")
    import_files(tmp_path)
    account.refresh_from_db()
    assert (account.industry, account.path, account.custom) == ("Energy", f"/{two.pk}/{account.pk}/", {"hobby": "x"})
    undone = undo()
    assert dict(undone.restored) == {"accounts": 1, "routes": 1}
    account.refresh_from_db()
    route.refresh_from_db()
    assert (account.industry, str(account.arr), str(account.renewal_date)) == ("Retail", "5.50", "2026-01-31")
    assert (account.path, account.custom) == (f"/{one.pk}/{account.pk}/", {})
    assert external_ids_of(registry.get("account"), account.pk) == {}
    assert (route.state, route.transitions.count()) == ("identified", 3)
    assert account.search_text.endswith("retail")


def test_fields_changed_since_stay(tmp_path: Path, home: Path) -> None:
    account = make_account("Acme", industry="Retail", region="EMEA")
    import_files(write(tmp_path, "accounts.csv", "Account Name,Industry,Region\nAcme,Energy,APAC\n"))
    records.update(LATER, registry.get("account"), account.pk, {"industry": "Banking"})
    undone = undo()
    account.refresh_from_db()
    assert (account.industry, account.region) == ("Banking", "EMEA")
    assert undone.left[0]["reason"] == "Changed again since the import: industry"


def test_records_somebody_worked_on_stay(tmp_path: Path, home: Path) -> None:
    import_files(files(tmp_path))
    accounts = {account.name: account for account in Account.objects.all()}
    records.update(LATER, registry.get("contact"), Contact.objects.get(name="Ann").pk, {"influence": 5})
    make("note", account=accounts["B"], title="Remember", ctx=LATER)
    undone = undo()
    left = {(each["type"], each["title"]): each["reason"] for each in undone.left}
    assert left == {
        ("contact", "Ann"): "Changed since the import",
        ("contact", "Bo"): "A contact still refers to it",
        ("account", "A"): "An account still refers to it",
        ("account", "B"): "A note still refers to it",
        ("user", "Ann Us"): "An account still refers to it",
    }
    assert set(alive(Account).values_list("name", flat=True)) == {"A", "B"}


def test_people_who_can_sign_in_by_now_stay(tmp_path: Path, home: Path) -> None:
    import_files(files(tmp_path))
    user = User.objects.get()
    user.set_password("correct horse battery")
    user.save(update_fields=["password"])
    assert {each["reason"] for each in undo().left} == {"Has been given sign-in since"}


def test_the_undo_is_in_the_history(tmp_path: Path, home: Path) -> None:
    import_files(write(tmp_path, "accounts.csv", "Account Name\nAcme\n"))
    undo()
    change = Change.objects.latest("pk")
    assert (change.action, change.via, change.note, change.title) == ("delete", "import", "Import undone", "Acme")


def test_an_undo_is_done_once_by_whoever_may(tmp_path: Path, home: Path) -> None:
    ann, bo, ada = make_user("ann"), make_user("bo"), make_user("ada", role="admin")
    import_files(write(tmp_path, "accounts.csv", "Account Name\nAcme\n"), ctx=as_user(ann))
    run = ImportRun.objects.get()
    with pytest.raises(Forbidden):
        services.undo_import(as_user(bo), run.pk)
    services.undo_import(as_user(ada), run.pk)
    run.refresh_from_db()
    assert (run.state, run.undone_by_id, run.result["undo"]["removed"]) == ("undone", ada.pk, {"accounts": 1})
    with pytest.raises(Refused, match="was undone already"):
        services.undo_import(as_user(ada), run.pk)
    with pytest.raises(NotFound):
        services.undo_import(as_user(ada), 999_999)


def test_pipelines_in_use_stay(tmp_path: Path, home: Path) -> None:
    import_files(files(tmp_path))
    account = Account.objects.get(name="A")
    stage = Stage.objects.get(pipeline__name="Imported")
    make("route", account=account, title="Own", type="upsell", pipeline=stage.pipeline_id, stage=stage.key, ctx=LATER)
    undo()
    assert alive(Pipeline).filter(name="Imported").exists()
    assert alive(Stage).filter(pk=stage.pk).exists()


def test_alerts_of_its_accounts_go_with_them_unless_somebody_took_one_up(tmp_path: Path, home: Path) -> None:
    write(tmp_path, "accounts.csv", "Account ID,Account Name\n1,A\n2,B\n")
    long_ago, lately = (NOW - timedelta(days=200)).date(), NOW.date()
    write(
        tmp_path, "contacts.csv",
        f"Full Name,Email,Company,Last Touch\nAnn,a@x.com,A,{lately}\nBo,b@x.com,B,{long_ago}\nCy,c@x.com,A,\n",
    )  # fmt: skip
    import_files(tmp_path)
    raised = alive(Alert).filter(rule="watch.signal.single_thread").order_by("account__name")
    assert [alert.account.name for alert in raised] == ["A", "B"]
    records.update(
        as_user(make_user("ada", role="admin")), registry.get("alert"), raised[1].pk, {"state": "acknowledged"}
    )
    undone = undo()
    assert [(left["title"], left["reason"]) for left in undone.left] == [("B", "An alert still refers to it")]
    assert [alert.account.name for alert in alive(Alert).filter(rule="watch.signal.single_thread")] == ["B"]


def test_contacts_without_a_touch_on_record_raise_no_alert(tmp_path: Path, home: Path) -> None:
    write(tmp_path, "accounts.csv", "Account ID,Account Name\n1,A\n2,B\n")
    write(tmp_path, "contacts.csv", "Full Name,Email,Company\nAnn,a@x.com,A\nBo,b@x.com,B\n")
    import_files(tmp_path)
    assert alive(Contact).count() == 2
    assert not Alert.objects.exists()

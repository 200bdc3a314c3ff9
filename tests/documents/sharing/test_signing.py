"""The customer signs the version of the plan that a page shows: who may, what is kept, what asks again, what is refused."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import Cast, as_user, make, make_cast, system
from trackline.documents.models import AccountPlan, PlanSignOff, PlanVersion, ShareLink, ShareVisit
from trackline.documents.plans.standing import signed_of
from trackline.documents.sharing import services
from trackline.kit.history.models import Change
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.watch.models import Alert

pytestmark = pytest.mark.django_db
NOTE = "First draft for the customer"
WORD = {"name": "Eva Lund", "role": "Head of operations", "decision": "approved", "note": "", "consent": "1"}


class Shared:
    """An account whose sponsor at the customer is asked to sign, its plan with a version, and a page that shows it."""

    def __init__(self, state: str = "customer_review", **more: Any) -> None:
        self.cast: Cast = make_cast()
        self.now = timezone.now()
        self.ctx = as_user(self.cast.owner, self.now)
        self.account = self.cast.account
        self.eva = make("contact", ctx=self.ctx, account=self.account, name="Eva Lund")
        records.update(self.ctx, registry.get("account"), self.account.pk, {"customer_sponsor": self.eva.pk})
        self.account.refresh_from_db()
        self.plan = make("account_plan", ctx=self.ctx, account=self.account, title="Account plan 2027")
        make(
            "plan_section",
            ctx=self.ctx,
            account=self.account,
            section="executive_summary",
            text="Less scrap, together.",
        )
        make("plan_section", ctx=self.ctx, account=self.account, section="market", text="Ours alone.")
        self.version = self.keep(NOTE)
        self.put(state)
        self.link = make(
            "share_link", ctx=self.ctx, account=self.account, title="You and us",
            **({"show_plan": True, "signatory": self.eva.pk} | more),
        )  # fmt: skip
        self.path = services.new_address(self.ctx, self.link.pk)

    def keep(self, note: str) -> Any:
        return make("plan_version", ctx=self.ctx, plan=self.plan, note=note)

    def put(self, state: str) -> None:
        AccountPlan.objects.filter(pk=self.plan.pk).update(state=state)

    def word(self, **more: str) -> dict[str, str]:
        found = re.search(r'name="version" value="(\w+)"', Client().get(f"{self.path}/plan").content.decode())
        return WORD | {"version": found[1] if found else ""} | more

    def sign(self, **more: str) -> Any:
        return Client().post(f"{self.path}/plan/sign", self.word(**more))

    def theirs(self) -> Any:
        return signed_of(self.account, self.version)[1]


def trail(link: ShareLink) -> list[str]:
    return list(ShareVisit.objects.filter(link=link).order_by("pk").values_list("what", flat=True))


def test_the_customer_reads_the_version_and_signs_it() -> None:
    shared = Shared()
    page = Client().get(shared.path).content.decode()
    assert "Read and sign" in page and "waits for the word of Eva Lund" in page
    plan = Client().get(f"{shared.path}/plan").content.decode()
    assert "Less scrap, together." in plan and "Ours alone." not in plan
    assert Client().get(f"{shared.path}/plan.pdf").content.startswith(b"%PDF")
    shared.version.refresh_from_db()
    assert shared.version.shared_on == shared.ctx.today, "the customer has it from now on"

    answer = shared.sign(note="")
    assert answer["Location"] == f"{shared.path}/plan?signed=1#signatures"
    word = PlanSignOff.objects.get()
    assert (word.title, word.role, word.contact, word.side) == (
        "Eva Lund",
        "Head of operations",
        shared.eva,
        "customer",
    )
    assert (word.on_page, word.share_link, word.decision) == (True, shared.link, "approved")
    assert word.consent.startswith("I sign this version")
    assert shared.theirs().done
    change = Change.objects.get(record_type="plan_sign_off")
    assert change.note == "On the customer's page “You and us”"
    visit = ShareVisit.objects.get(what="signed")
    assert visit.detail == f"{shared.version.title}, by Eva Lund"
    alert = Alert.objects.get(rule="customer_page")
    assert alert.owner == shared.cast.owner and "Head of operations, signed Version 1" in alert.title

    again = Client().get(f"{shared.path}/plan").content.decode()
    assert "Head of operations" in again and "shared-sign" not in again
    assert shared.sign().status_code == 404, "who has signed is not asked again"
    ours = Client()
    ours.force_login(shared.cast.owner)
    board = ours.get(f"/accounts/{shared.account.key}/plan").content.decode()
    assert "Eva Lund, Head of operations" in board and "on the shared page" in board


def test_a_new_version_asks_again_and_an_old_form_signs_nothing() -> None:
    shared = Shared()
    word = shared.word()
    shared.put("draft")
    newer = shared.keep("Scope of the second plant is in")
    shared.put("customer_review")
    stale = Client().post(f"{shared.path}/plan/sign", word)
    assert stale.status_code == 409 and "newer version" in stale.content.decode()
    assert not PlanSignOff.objects.exists()
    assert shared.sign().status_code == 302
    assert PlanSignOff.objects.get().plan_version == newer


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "Please type your name."),
        ("name", "x" * 201, "At most 200 characters, please."),
        ("role", "", "Please say in which role you sign."),
        ("decision", "maybe", "Please choose one."),
        ("consent", "", "A signature needs your consent."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(field: str, value: str, says: str) -> None:
    shared = Shared()
    answer = shared.sign(note="Kept words", **{field: value})
    text = answer.content.decode()
    assert (answer.status_code, says in text, "Kept words" in text) == (422, True, True)
    assert not PlanSignOff.objects.exists()


@pytest.mark.parametrize(("decision", "done"), [("rejected", False), ("with_changes", True)])
def test_a_no_and_a_yes_with_changes_say_what_has_to_change(decision: str, done: bool) -> None:
    shared = Shared()
    assert shared.sign(decision=decision, note="Too few").status_code == 422
    assert shared.sign(decision=decision, note="Plant 2 is missing").status_code == 302
    assert (shared.theirs().done, shared.theirs().sign_off.note) == (done, "Plant 2 is missing")


def test_another_name_is_kept_and_counts_for_nothing() -> None:
    shared = Shared()
    assert shared.sign(name="Tom Berg").status_code == 302
    theirs = shared.theirs()
    assert (theirs.done, theirs.others[0].title, theirs.others[0].contact) == (False, "Tom Berg", None)
    assert shared.sign(name="  eva   LUND ").status_code == 302
    assert shared.theirs().done


def test_who_looks_from_our_side_neither_signs_nor_counts() -> None:
    shared = Shared()
    ours = Client()
    ours.force_login(shared.cast.owner)
    assert [ours.get(f"{shared.path}{at}").status_code for at in ("", "/plan")] == [200, 200]
    shared.version.refresh_from_db()
    shared.link.refresh_from_db()
    assert (shared.version.shared_on, shared.link.views) == (None, 0)
    word = shared.word()
    assert ours.post(f"{shared.path}/plan/sign", word).status_code == 403
    ShareLink.objects.update(may_comment=True)
    assert ours.post(f"{shared.path}/comment", {"name": "Katrin", "text": "As if I were you"}).status_code == 403
    assert not PlanSignOff.objects.exists()
    assert ShareVisit.objects.filter(what="opened", detail__contains=shared.cast.owner.name).count() == 2


@pytest.mark.parametrize("state", ["draft", "internal_review", "archived"])
def test_a_plan_that_is_ours_stands_on_no_page(state: str) -> None:
    shared = Shared(state)
    PlanVersion.objects.update(shared_on=shared.ctx.today)
    assert [Client().get(f"{shared.path}{at}").status_code for at in ("/plan", "/plan.pdf")] == [404, 404]
    assert Client().post(f"{shared.path}/plan/sign", WORD).status_code == 404
    assert trail(shared.link)[-3:] == ["beyond"] * 3


@pytest.mark.parametrize("level", ["team", "plan_team"])
def test_a_plan_that_is_kept_to_us_stands_on_no_page(level: str) -> None:
    shared = Shared()
    word = shared.word()
    AccountPlan.objects.filter(pk=shared.plan.pk).update(confidentiality=level)
    assert Client().get(f"{shared.path}/plan").status_code == 404
    assert Client().post(f"{shared.path}/plan/sign", word).status_code == 404
    assert "plan" not in Client().get(f"{shared.path}/page.json").json()


def test_a_version_kept_under_change_control_is_ours_until_it_is_given() -> None:
    shared = Shared("change_control")
    assert Client().get(f"{shared.path}/plan").status_code == 404
    PlanVersion.objects.update(shared_on=shared.ctx.today)
    assert shared.sign().status_code == 302


def test_ended_revoked_locked_and_unasked_pages_sign_nothing() -> None:
    shared = Shared()
    word = shared.word()
    services.set_password(shared.ctx, shared.link.pk, "between the two of us")
    assert Client().post(f"{shared.path}/plan/sign", word).status_code == 401
    services.set_password(shared.ctx, shared.link.pk, "")
    ShareLink.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    assert Client().post(f"{shared.path}/plan/sign", word).status_code == 410
    ShareLink.objects.update(expires_on=timezone.localdate())
    records.update(shared.ctx, registry.get("share_link"), shared.link.pk, {"revoked": True})
    assert Client().post(f"{shared.path}/plan/sign", word).status_code == 410
    assert not PlanSignOff.objects.exists()


def test_where_nobody_is_asked_nobody_signs() -> None:
    shared = Shared(signatory=None)
    assert Client().get(f"{shared.path}/plan").status_code == 200
    assert shared.sign().status_code == 404
    with pytest.raises(Invalid):
        records.update(
            system(), registry.get("share_link"), shared.link.pk, {"show_plan": False, "signatory": shared.eva.pk}
        )


def test_a_forged_signature_is_refused_and_written_down() -> None:
    shared = Shared()
    word = shared.word()
    forged = Client(enforce_csrf_checks=True).post(f"{shared.path}/plan/sign", word)
    assert forged.status_code == 403 and "did not come from the page" in forged.content.decode()
    assert trail(shared.link)[-1] == "forged"
    assert ShareVisit.objects.get(what="forged").detail.startswith("plan/sign: ")
    assert not PlanSignOff.objects.exists()


def test_we_withdraw_a_word_with_a_reason_and_it_is_asked_for_again() -> None:
    shared = Shared()
    shared.sign()
    word = PlanSignOff.objects.get()
    rtype = registry.get("plan_sign_off")
    with pytest.raises(Invalid):
        records.update(shared.ctx, rtype, word.pk, {"withdrawal": "Short"})
    ours = Client()
    ours.force_login(shared.cast.owner)
    assert (
        ours.post(f"/r/plan_sign_off/{word.pk}/withdraw", {"withdrawal": "Eva signed the wrong version"}).status_code
        < 300
    )
    word.refresh_from_db()
    assert word.withdrawn_at is not None and word.deleted_at is None
    assert not shared.theirs().done
    assert Change.objects.filter(record_type="plan_sign_off", changes__has_key="withdrawal").exists()
    assert "withdrawn on" in ours.get(f"/accounts/{shared.account.key}/plan/versions").content.decode()
    with pytest.raises(Refused):
        records.update(shared.ctx, rtype, word.pk, {"withdrawal": "Another reason altogether"})
    assert shared.sign().status_code == 302
    again = PlanSignOff.objects.latest("pk")
    shared.put("approved")
    with pytest.raises(Refused):
        records.update(shared.ctx, rtype, again.pk, {"withdrawal": "Too late for that now"})

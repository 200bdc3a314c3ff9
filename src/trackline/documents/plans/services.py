"""What a write of a plan means: its states and their gates, its versions, who signs. Source: PLAN-04, PLAN-06, PLAN-16, PLAN-20."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Max, Q

from trackline.accounts.models import Account, User
from trackline.documents.models import AccountPlan, PlanSection, PlanSignOff, PlanVersion
from trackline.documents.plans.live import plan_of, plans_of
from trackline.documents.plans.owning import require_writer
from trackline.documents.plans.reading import require_reader
from trackline.documents.plans.standing import Signed, change_of, lacks_of, launch_of, newest_version, signed_of
from trackline.documents.plans.states import ALLOWED, LOCKED, NOTE_LEAST, NOTED
from trackline.kit import formats
from trackline.kit.history.models import Change
from trackline.kit.policy import ADMIN, Context
from trackline.kit.problems import Invalid, Refused
from trackline.kit.records import services as records
from trackline.kit.records.models import ALIVE
from trackline.kit.records.types import registry

State, Side = AccountPlan.State, PlanSignOff.Side
Links = dict[str, list[int]]
RESTING = (State.CUSTOMER_REVIEW, State.APPROVED, State.ARCHIVED)
SETTLED = (State.APPROVED, State.ACTIVE, State.ARCHIVED)
OVERRIDDEN = "Gate overridden: "
"""How the note of a move begins that an administrator made against its gate."""
LABELS = dict(State.choices)


@dataclass(frozen=True)
class Check:
    """What a move needs: in words, and whether it is there."""

    key: str
    needs: str
    passed: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"key": self.key, "needs": self.needs, "passed": self.passed}


# -- texts ---------------------------------------------------------------------------------------------------------


def prepare_section(ctx: Context, section: Any, _changed: set[str], _links: Links) -> None:
    """Refuse to rewrite a plan that was proposed or agreed, one that is kept from the writer, and a text of another owner."""
    require_reader(ctx, section.account)
    new = section._state.adding
    if new and _comes_in(ctx):
        return
    if new:
        _require_unlocked(section.account)
        return
    before = PlanSection.objects.only("text", "owner").get(pk=section.pk)
    if (before.text, before.owner_id) != (section.text, section.owner_id):
        require_writer(ctx, section, before.owner_id)
    if before.text != section.text:
        _require_unlocked(section.account)


def allow_section_delete(ctx: Context, section: Any) -> None:
    """Refuse to take a text out of a plan that was proposed or agreed, and one that belongs to somebody else."""
    require_writer(ctx, section, section.owner_id)
    _require_unlocked(section.account)


def locked_by(plans: Sequence[AccountPlan]) -> AccountPlan | None:
    """Return which of the plans of an account (`plans_of`) keeps its texts from being rewritten, None where none does."""
    first = next(iter(plans), None)
    return first if first is not None and first.state in LOCKED else None


def _require_unlocked(account: Account) -> None:
    plan = locked_by(plans_of(account))
    if plan is not None:
        way = "Take it back to a draft" if plan.state == State.CUSTOMER_REVIEW else "Put it under change control"
        state = LABELS[plan.state].lower()
        raise Refused(f"{plan} is in the state “{state}”; its texts rest. {way} first.", rule="PLAN-04")


# -- plans ---------------------------------------------------------------------------------------------------------


def prepare_plan(ctx: Context, plan: Any, _changed: set[str], _links: Links) -> None:
    """Hold a plan to its states, and an account to one plan in the making and one in force."""
    if plan._state.adding:
        if not _comes_in(ctx):
            _prepare_new(ctx, plan)
        return
    before = AccountPlan.objects.values_list("state", flat=True).get(pk=plan.pk)
    if plan.state != before:
        _pass_gate(ctx, plan, before)
        plan.state_on = ctx.today
        if plan.state == State.ACTIVE:
            plan.effective_on = plan.effective_on or ctx.today
            _take_the_place_of_others(ctx, plan)


def _prepare_new(ctx: Context, plan: Any) -> None:
    require_reader(ctx, plan.account)
    if plan.state != State.DRAFT:
        raise Invalid.fields({"state": "A plan starts as a draft."})
    making = [one for one in plans_of(plan.account) if one.state != State.ACTIVE]
    if making:
        state = LABELS[making[0].state].lower()
        raise Refused(f"{making[0]} is in the making ({state}). Finish or archive it first.", rule="PLAN-04")
    plan.state_on = ctx.today


def _take_the_place_of_others(ctx: Context, plan: Any) -> None:
    for other in plans_of(plan.account):
        if other.pk != plan.pk and other.state == State.ACTIVE:
            why = replace(ctx.batched(), note=f"{plan} takes its place.")
            records.update(why, registry.get("account_plan"), other.pk, {"state": State.ARCHIVED.value})


def after_plan(ctx: Context, plan: Any, _changed: set[str], created: bool) -> None:
    """Keep a version of what is proposed to the customer."""
    if not created and plan.state == State.CUSTOMER_REVIEW and "state" in plan.last_change.changes:
        note = ctx.note.removeprefix(OVERRIDDEN)
        records.create(ctx, registry.get("plan_version"), {"plan": plan.pk, "note": note})


def title_of(ctx: Context) -> str:
    """Default the title of a plan: the year that it is made in."""
    return f"Account plan {ctx.today:%Y}"


def move(ctx: Context, pk: Any, to: str, note: str = "", *, override: bool = False) -> AccountPlan:
    """Move a plan to a state, with a note why. Raises `Refused` naming what its gate misses.

    An administrator may `override` a gate with a reason, which stands in the history.
    """
    if to not in LABELS:
        raise Invalid.fields({"to": f"One of {', '.join(LABELS)} is expected."})
    note = note.strip()
    if override:
        ctx.require(ADMIN)
        if len(note) < NOTE_LEAST:
            raise Invalid.fields({"note": f"Overriding a gate needs a reason, {NOTE_LEAST} letters or more."})
        note = OVERRIDDEN + note
    found: AccountPlan = records.update(
        replace(ctx.batched(), note=note[:1000]), registry.get("account_plan"), pk, {"state": to}
    )
    return found


def gate_of(ctx: Context, record: AccountPlan, to: str) -> list[Check]:
    """Return what a move of a plan to a state needs, and what of it is there; none for moves back."""
    return _GATES[to](ctx, record) if to in _GATES else []


def _complete(ctx: Context, record: AccountPlan) -> list[Check]:
    plan = plan_of(ctx, record.account)
    missing = [Check(one.key, f"{one.title}: {one.says}", passed=False) for one in lacks_of(plan)]
    return [Check("sections", f"All {len(plan.sections)} sections say something", passed=not missing), *missing]


def _internal_go(ctx: Context, record: AccountPlan) -> list[Check]:
    plays = [one for one in plan_of(ctx, record.account).facts["plays"] if one["open"]]
    staffed = all(one["owner"] and one["due_on"] for one in plays)
    return [
        Check("owner", "The plan has an owner", record.owner_id is not None),
        Check("resources", "Each initiative has an owner and a day", bool(plays) and staffed),
    ]


def _signed(ctx: Context, record: AccountPlan) -> list[Check]:
    version = newest_version(record)
    if record.state == State.CHANGE_CONTROL:
        return _change_accepted(ctx, record, version)
    return _approvals(record, version)


def _approvals(record: AccountPlan, version: PlanVersion | None) -> list[Check]:
    named = f" of {version.title}" if version else ""
    words = {"us": "Our approval", "customer": "The customer's approval"}
    return [
        Check(one.side, f"{words[one.side]}{named}" + (f", by {one.asked}" if one.asked else ""), one.done)
        for one in signed_of(record.account, version)
    ]


def _change_accepted(ctx: Context, record: AccountPlan, version: PlanVersion | None) -> list[Check]:
    """A change is accepted as it is, or signed again where it is material. Source: PLAN-16."""
    if version is None or not _made_since(version, record):
        return [Check("version", "A version of the changed plan", passed=False)]
    before = _agreed_before(record, version)
    if before is None:
        return _approvals(record, version)
    change = change_of(ctx, record.account, before.frozen["facts"], version.frozen["facts"])
    if change.value == "minor":
        return [Check("change", "The change is minor: no new signatures are needed", passed=True)]
    why = ", ".join(change.details["reasons"])
    return [replace(one, needs=f"{one.needs} ({why})") for one in _approvals(record, version)]


def _agreed_before(record: AccountPlan, version: PlanVersion) -> PlanVersion | None:
    """The newest version before that both sides signed and that holds what it kept."""
    rows = PlanVersion.objects.filter(ALIVE, plan=record, number__lt=version.number).defer("frozen").order_by("-number")
    signed = (one for one in rows if all(each.done for each in signed_of(record.account, one)))
    return next((one for one in signed if one.frozen), None)


def _made_since(version: PlanVersion, record: AccountPlan) -> bool:
    """Whether a version was kept after the plan came into its state: by the ledger, as instants may be equal."""
    moved = Q(record_type="account_plan", record_id=record.pk, changes__has_key="state")
    made = Q(record_type="plan_version", record_id=version.pk, action=Change.Action.CREATE)
    last = Change.objects.filter(moved | made).order_by("-id").values_list("record_type", flat=True).first()
    return last != "account_plan"


def _launch(ctx: Context, record: AccountPlan) -> list[Check]:
    found = launch_of(ctx, plan_of(ctx, record.account), _in_force(record))
    return [Check(part.key, part.label, bool(part.input)) for part in found.parts]


def _in_force(record: AccountPlan) -> Sequence[Signed]:
    """The signatures that hold: those of the newest version that both sides signed, as a minor change needs none."""
    versions = PlanVersion.objects.filter(ALIVE, plan=record).defer("frozen").order_by("-number")
    signed = [signed_of(record.account, one) for one in versions] or [signed_of(record.account, None)]
    return next((one for one in signed if all(each.done for each in one)), signed[0])


_GATES: Mapping[str, Callable[[Context, AccountPlan], list[Check]]] = {
    State.INTERNAL_REVIEW: _complete,
    State.CUSTOMER_REVIEW: _internal_go,
    State.APPROVED: _signed,
    State.ACTIVE: _launch,
}


def _pass_gate(ctx: Context, plan: AccountPlan, before: str) -> None:
    if plan.state not in ALLOWED[before]:
        ways = ", ".join(LABELS[state] for state in ALLOWED[before]) or "nowhere"
        raise Refused(
            f"A plan cannot go from {LABELS[before]} to {LABELS[plan.state]}; from here it can go to {ways}.",
            [{"loc": ["to"], "msg": f"{before} → {plan.state} is not a move"}],
            rule="PLAN-04",
        )
    if plan.state in NOTED and len(ctx.note.removeprefix(OVERRIDDEN).strip()) < NOTE_LEAST:
        raise Invalid.fields({"note": f"Say why in a sentence, {NOTE_LEAST} letters or more."})
    if ctx.note.startswith(OVERRIDDEN):
        ctx.require(ADMIN)
        return
    record = AccountPlan.objects.get(pk=plan.pk)
    missing = [one for one in gate_of(ctx, record, plan.state) if not one.passed]
    if missing:
        needed = "; ".join(one.needs for one in missing)
        raise Refused(
            f"Not moved to {LABELS[plan.state]}. Missing: {needed}.",
            [{"loc": [one.key], "msg": one.needs} for one in missing],
            rule="PLAN-04",
        )


# -- versions ------------------------------------------------------------------------------------------------------


def prepare_version(ctx: Context, version: Any, _changed: set[str], _links: Links) -> None:
    """Keep what the plan says now under the next number; only the day on which the customer got it is told later."""
    if version.shared_on and version.shared_on > ctx.today:
        raise Invalid.fields({"shared_on": "A day that has come is expected."})
    if version.number is not None:
        return  # it is there already, or comes back from a file of ours
    if len(version.note.strip()) < NOTE_LEAST:
        raise Invalid.fields({"note": f"Say what changed and why, {NOTE_LEAST} letters or more."})
    if version.plan.state in RESTING and not _is_proposed(version):
        state = LABELS[version.plan.state].lower()
        raise Refused(f"{version.plan} is in the state “{state}”; there is nothing new to keep.", rule="PLAN-06")
    plan = plan_of(ctx, version.plan.account)
    last = PlanVersion.objects.filter(plan=version.plan).aggregate(Max("number"))["number__max"]
    version.number = (last or 0) + 1
    version.as_of = ctx.today
    version.template = plan.template
    version.title = f"Version {version.number}, {formats.day(ctx.today)}".replace(formats.NBSP, " ")
    version.frozen = plan.frozen()


def _is_proposed(version: Any) -> bool:
    """Whether this is the version that goes to the customer: none was kept since the plan was proposed."""
    if version.plan.state != State.CUSTOMER_REVIEW:
        return False
    newest = newest_version(version.plan)
    return newest is None or not _made_since(newest, version.plan)


def allow_version_delete(_ctx: Context, version: Any) -> None:
    """Keep a version that somebody signed."""
    if PlanSignOff.objects.filter(ALIVE, plan_version=version).exists():
        raise Refused(f"{version} was signed. It stays.")


# -- sign-offs -----------------------------------------------------------------------------------------------------


def prepare_sign_off(ctx: Context, sign_off: Any, _changed: set[str], _links: Links) -> None:
    """Write down a yes or a no: for us by whoever is signed in, for the customer by one of theirs, with where it is kept."""
    if not sign_off._state.adding:
        _withdraw(ctx, sign_off)
        return
    if sign_off.signed_at is not None:
        return  # it comes back from a file of ours
    if sign_off.withdrawal:
        raise Invalid.fields({"withdrawal": "What is not signed yet cannot be withdrawn."})
    version = sign_off.plan_version
    if newest_version(version.plan) != version:
        raise Refused(f"{version} is not the newest version of its plan. Sign that one.")
    if version.plan.state in SETTLED:
        state = LABELS[version.plan.state].lower()
        raise Refused(f"{version.plan} is in the state “{state}”; there is nothing to sign.")
    if sign_off.decision != PlanSignOff.Decision.APPROVED and len(sign_off.note.strip()) < NOTE_LEAST:
        raise Invalid.fields({"note": f"Say what has to change, {NOTE_LEAST} letters or more."})
    if sign_off.side == Side.US:
        _sign_for_us(ctx, sign_off)
    else:
        _sign_for_them(sign_off)
    sign_off.signed_at = ctx.now


def _sign_for_us(ctx: Context, sign_off: Any) -> None:
    if ctx.actor.user_id is None:
        raise Refused("Somebody signed in signs for us: the program cannot.")
    if sign_off.contact_id:
        raise Invalid.fields({"contact": "A contact signs for the customer."})
    sign_off.signer_id = ctx.actor.user_id
    sign_off.title = User.objects.get(pk=ctx.actor.user_id).name


def _sign_for_them(sign_off: Any) -> None:
    errors = {}
    if sign_off.on_page:
        return
    if sign_off.contact is None:
        errors["contact"] = "Who of the customer signed?"
    if not (sign_off.evidence_url or len(sign_off.note.strip()) >= NOTE_LEAST):
        errors["evidence_url"] = "Their written word is needed: where it is kept, or what it says in the note."
    if errors:
        raise Invalid.fields(errors)
    sign_off.title = sign_off.contact.name


def _withdraw(ctx: Context, sign_off: Any) -> None:
    """Hold a word that is withdrawn to a reason, and what a plan was approved by to its word."""
    before = PlanSignOff.objects.values_list("withdrawal", flat=True).get(pk=sign_off.pk)
    if sign_off.withdrawal == before:
        return
    if before:
        raise Refused("It was withdrawn, and stays so. Whoever changed their mind signs again.")
    if sign_off.plan_version.plan.state in SETTLED:
        raise Refused("The plan was approved by it. It stays, unless the plan is put under change control.")
    if len(sign_off.withdrawal.strip()) < NOTE_LEAST:
        raise Invalid.fields({"withdrawal": f"Say why in a sentence, {NOTE_LEAST} letters or more."})
    sign_off.withdrawn_at = ctx.now


def allow_sign_off_delete(_ctx: Context, sign_off: Any) -> None:
    """Keep what a plan was approved by."""
    if sign_off.plan_version.plan.state in SETTLED:
        raise Refused("The plan was approved by it. It stays.")


def _comes_in(ctx: Context) -> bool:
    """Whether a record comes in from a file of ours, where it was settled elsewhere."""
    return ctx.via == "import"

"""Where a plan stands: what it says nothing of yet, what speaks against it, who has signed which version."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trackline.accounts.models import Account
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.settings import setting
from trackline.core.playbook.explained import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.documents.gathering import Facts
from trackline.documents.models import AccountPlan, PlanSignOff, PlanVersion
from trackline.documents.plans.catalogue import Section, catalogue
from trackline.documents.plans.live import Plan
from trackline.documents.rules import plan as rules
from trackline.kit.policy import Context
from trackline.kit.records.models import ALIVE

State, Side, Decision = AccountPlan.State, PlanSignOff.Side, PlanSignOff.Decision


@dataclass(frozen=True)
class Lack:
    """A section that says nothing yet: its code and title, and what is missing."""

    key: str
    title: str
    says: str


@dataclass(frozen=True)
class Signed:
    """Where a side stands on a version: who is asked, what they said; `done` for a yes of theirs.

    `others` are words of that side that count for nothing: of people who are not asked.
    """

    side: str
    asked: str
    sign_off: PlanSignOff | None
    others: Sequence[PlanSignOff] = ()

    @property
    def done(self) -> bool:
        """Whether the side approved, with changes or without."""
        return self.sign_off is not None and self.sign_off.decision != Decision.REJECTED


@dataclass(frozen=True)
class Standing:
    """Where the plan of an account stands."""

    completeness: Explained
    lacks: Sequence[Lack]
    warnings: Sequence[str]
    newest: PlanVersion | None
    signed: Sequence[Signed]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "completeness_pct": self.completeness.value,
            "missing": [{"key": one.key, "title": one.title, "says": one.says} for one in self.lacks],
            "warnings": list(self.warnings),
            "version": {"id": str(self.newest.pk), "number": self.newest.number} if self.newest else None,
            "signed": {
                one.side: {
                    "asked": one.asked or None,
                    "by": one.sign_off.title if one.sign_off else None,
                    "decision": one.sign_off.decision if one.sign_off else None,
                    "on_page": one.sign_off.on_page if one.sign_off else None,
                }
                for one in self.signed
            },
        }


def standing_of(ctx: Context, plan: Plan) -> Standing:
    """Return where a plan stands that was read live."""
    held = Overrides.load(ctx.today)
    lacks = lacks_of(plan)
    newest = newest_version(plan.record)
    given = {"sections": [{"section": code, "filled": code not in {one.key for one in lacks}} for code in _codes(plan)]}
    return Standing(
        completeness=_run(rules.completeness, given, held, plan.account, ctx),
        lacks=lacks,
        warnings=_warnings(ctx, plan, newest, held),
        newest=newest,
        signed=signed_of(plan.account, newest),
    )


def newest_version(record: AccountPlan | None) -> PlanVersion | None:
    """Return the newest version of a plan, None where none was kept."""
    if record is None:
        return None
    rows = PlanVersion.objects.filter(ALIVE, plan=record).defer("frozen").select_related("plan", "created_by")
    return rows.order_by("-number").first()


def signed_of(account: Account, version: PlanVersion | None) -> list[Signed]:
    """Return where both sides stand on a version.

    For us it is our sponsor who signs, or the owner of an account without one; for the customer their sponsor, or, where
    nobody is named, anyone of theirs. What others say is kept and counts for nothing, as does a word that was withdrawn.
    """
    ours = account.exec_sponsor or account.owner
    theirs = account.customer_sponsor
    found = PlanSignOff.objects.filter(ALIVE, plan_version=version, withdrawn_at=None).order_by("signed_at", "pk")
    rows = list(found) if version else []
    by_us = [one for one in rows if one.side == Side.US]
    by_them = [one for one in rows if one.side == Side.CUSTOMER]
    return [
        _side(Side.US.value, ours, by_us, lambda one: one.signer_id),
        _side(Side.CUSTOMER.value, theirs, by_them, lambda one: one.contact_id),
    ]


def _side(side: str, asked: Any, rows: Sequence[PlanSignOff], who: Callable[[PlanSignOff], Any]) -> Signed:
    counts = [one for one in rows if asked is None or who(one) == asked.pk]
    others = [one for one in rows if one not in counts]
    return Signed(side, asked.name if asked else "", counts[-1] if counts else None, others)


def lacks_of(plan: Plan) -> list[Lack]:
    """Return the sections of the template that say nothing."""
    found = ((catalogue()[code], _lack(catalogue()[code], plan)) for code in _codes(plan))
    return [Lack(section.code, section.title, says) for section, says in found if says]


def launch_of(ctx: Context, plan: Plan, signed: Sequence[Signed]) -> Explained:
    """Return what has to stand before an approved plan starts. Source: PLAN-20."""
    facts = plan.facts
    goals, plays, kpis = facts["goals"], _open(facts["plays"]), facts["kpis"]
    steps = [step for play in plays for step in play["steps"] if step["status"]["value"] == "open"]
    high = [one for one in facts["risks"] if one["likelihood"] >= 4 and one["impact"] >= 4]
    done = {one.side: one.done for one in signed}
    given = {
        "goals": len(goals),
        "without_baseline": sum(one["baseline"] is None for one in goals),
        "plays": len(plays),
        "without_resource": sum(not (one["owner"] and one["due_on"]) for one in [*plays, *steps]),
        "unfunded": sum(not (one["mitigation"] and one["owner"] and one["trigger"]) for one in high),
        "ours": done[Side.US.value],
        "theirs": done[Side.CUSTOMER.value],
        "kpis": len(kpis),
        "without_reading": sum(one["current"] is None for one in kpis),
    }
    return _run(rules.launch, given, Overrides.load(ctx.today), plan.account, ctx)


def change_of(ctx: Context, account: Account, before: Facts, after: Facts) -> Explained:
    """Return whether what changed since a version was approved needs new signatures. Source: PLAN-16."""
    was, now = ({one["id"] for one in _open(facts["plays"])} for facts in (before, after))
    done = {one["id"] for one in after["plays"] if not one["open"]}
    red = {one["id"] for one in before["risks"] if one["band"] == "red"}
    given = {
        "initiatives": len(now - was) + len(was - now - done),
        "red_risks": sum(one["band"] == "red" and one["id"] not in red for one in after["risks"]),
    }
    return _run(rules.change, given, Overrides.load(ctx.today), account, ctx)


def _run(rule: Any, given: Mapping[str, Any], held: Overrides, account: Account, ctx: Context) -> Explained:
    in_force = held.in_force(rule, ctx.today, tier=account.tier, account_id=account.pk)
    found: Explained = rule.explain(read_inputs(rule.inputs, given), in_force, ctx.today)
    return found


def _codes(plan: Plan) -> list[str]:
    return [code for code in plan.sections if code in catalogue()]


def _lack(section: Section, plan: Plan) -> str:
    if not section.source:
        return "" if section.code in plan.texts else "No text is written."
    found = section.of(plan.facts)
    if section.pairs:
        unset = [one.label for one in section.pairs if one.needed and found.get(one.key) in (None, "")]
        return f"Not set: {', '.join(unset)}." if unset else ""
    return "" if (found["rows"] if section.grid else found) else section.empty


def _open(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for one in rows if one["open"]]


def _warnings(ctx: Context, plan: Plan, newest: PlanVersion | None, held: Overrides) -> list[str]:
    facts = plan.facts
    ties = {
        "priorities": len(facts["priorities"]),
        "goals": sum(one["priority"] is None for one in facts["goals"]),
        "routes": sum(one["goal"] is None for one in _open(facts["routes"])),
        "plays": sum(not one["tied"] for one in _open(facts["plays"])),
    }
    said = []
    generic = _run(rules.generic, ties, held, plan.account, ctx)
    if generic.value == "generic":
        said.append(f"Generic: {', '.join(generic.details['reasons'])}.")
    summary = plan.texts.get("executive_summary")
    length = {
        "words": len(summary.text.split()) if summary else 0,
        "leading": sum(one["kind"] == "leading" for one in facts["kpis"]),
        "lagging": sum(one["kind"] != "leading" for one in facts["kpis"]),
    }
    said += [f"{one}." for one in _run(rules.length, length, held, plan.account, ctx).details["warnings"]]
    record, days = plan.record, int(setting("plan.share_days"))
    if record and record.state == State.ACTIVE and record.state_on and not (newest and newest.shared_on):
        since = (ctx.today - record.state_on).days
        if since > days:
            said.append(f"In force for {since} days and not given to the customer.")
    return said

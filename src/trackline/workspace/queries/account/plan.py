"""What the page of a plan says above it: where it stands, what is missing, what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from trackline.documents.models import AccountPlan
from trackline.documents.plans.live import Plan, plans_of
from trackline.documents.plans.services import RESTING, locked_by
from trackline.documents.plans.standing import Standing, standing_of
from trackline.documents.plans.states import ALLOWED
from trackline.kit.policy import Context

State = AccountPlan.State
SIGNED_IN = (State.INTERNAL_REVIEW, State.CUSTOMER_REVIEW, State.CHANGE_CONTROL)
VERBS: Mapping[str, str] = {
    State.DRAFT: "Back to draft",
    State.INTERNAL_REVIEW: "Review it internally",
    State.CUSTOMER_REVIEW: "Propose to the customer",
    State.APPROVED: "Approve",
    State.ACTIVE: "Put in force",
    State.CHANGE_CONTROL: "Change it",
    State.ARCHIVED: "Archive",
}
"""What a move to a state is called on its button."""
SIDES = {"us": "Our signature", "customer": "The customer's signature"}
TONES = {State.ACTIVE: "green", State.APPROVED: "green", State.CHANGE_CONTROL: "amber"}
PAGES: Mapping[str, str] = {
    "overview": "track/profile",
    "health": "track/health",
    "priorities": "reveal/priorities",
    "goals": "reveal/goals",
    "goal_map": "reveal/goals",
    "metrics": "track/kpis",
    "roadmap": "choose/board",
    "stakeholders": "track/contacts",
    "risks": "track/issues",
    "whitespace": "align/whitespace",
    "value": "reveal/value",
    "expansion": "align/routes",
    "ninety_days": "kickoff/actions",
    "calendar": "kickoff/meetings",
}
"""Where the records of a section are written."""


@dataclass(frozen=True)
class Move:
    """A move that the plan can make: the state, and what its button says."""

    to: str
    verb: str


@dataclass(frozen=True)
class Board:
    """What stands above a plan. `record` is None for one that nobody has started; `active` is in force beside one in the making."""

    record: AccountPlan | None
    active: AccountPlan | None
    standing: Standing
    locked: bool
    moves: Sequence[Move]
    may_keep: bool
    may_sign: bool
    signable: bool
    filled: int
    sections: int

    @property
    def tone(self) -> str:
        """The colour of the state, which its word says as well."""
        return TONES.get(State(self.record.state), "") if self.record else ""

    @property
    def signatures(self) -> list[tuple[str, object]]:
        """Each side by its name."""
        return [(SIDES[one.side], one) for one in self.standing.signed]


def board_of(ctx: Context, plan: Plan, *, may_write: bool) -> Board:
    """Return what stands above a plan that was read live."""
    found = plans_of(plan.account)
    record, standing = plan.record, standing_of(ctx, plan)
    state = record.state if record else ""
    return Board(
        record=record,
        active=next((one for one in found if one.state == State.ACTIVE and one != record), None),
        standing=standing,
        locked=locked_by(found) is not None,
        moves=[Move(to, VERBS[State(to)]) for to in ALLOWED[state]] if record and may_write else [],
        may_keep=bool(record) and may_write and state not in RESTING,
        may_sign=may_write and state in SIGNED_IN and standing.newest is not None,
        signable=state in SIGNED_IN,
        filled=len(plan.sections) - len(standing.lacks),
        sections=len(plan.sections),
    )


def fix_of(url: str, section: str) -> str:
    """Return where what a section lacks is written; the place of its text on the page for one that people write."""
    return f"{url}/{PAGES[section]}" if section in PAGES else f"#plan-{section}"

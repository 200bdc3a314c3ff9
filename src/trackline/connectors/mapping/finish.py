"""What a record needs beyond its cells: a name from its parts, a title, a state from a stage."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from trackline.connectors.mapping.plan import StagePlan, TablePlan
from trackline.connectors.profiles import OWN, meaning_of_probability
from trackline.connectors.values.words import squeeze

if TYPE_CHECKING:
    from trackline.connectors.mapping.drafts import Draft

Finisher = Callable[["Draft", TablePlan], None]
_CLOSED = frozenset({"won", "lost"})
_TITLE_LENGTH = 120
_REF_LENGTH = 120


def finisher_of(plan: TablePlan) -> Finisher:
    """The function that completes drafts of a table's type; our own exports need no completion."""
    if plan.source == OWN:
        return _nothing
    if plan.type == "route":
        return RouteFinisher(plan)
    return _FINISHERS.get(plan.type, _nothing)


def _nothing(_draft: Draft, _plan: TablePlan) -> None:
    """Nothing to complete."""


def _full_name(draft: Draft, _plan: TablePlan) -> None:
    """First and last name make the name; without any, what stands before the @ of the address."""
    values = draft.values
    first, last = values.pop("first_name", ""), values.pop("last_name", "")
    if not values.get("name"):
        name = " ".join(part for part in (first, last) if part)
        if not name and values.get("email"):
            name = str(values["email"]).partition("@")[0]
        if name:
            values["name"] = name


def _contract(draft: Draft, _plan: TablePlan) -> None:
    """Twelve months of a monthly amount make the yearly one; the id is the reference where there is no other."""
    values = draft.values
    monthly = values.pop("mrr", None)
    if monthly is not None and values.get("arr") is None:
        values["arr"] = monthly * 12
    if not values.get("ref") and 0 < len(draft.external_id) <= _REF_LENGTH:
        values["ref"] = draft.external_id


def _issue(draft: Draft, _plan: TablePlan) -> None:
    """An issue with a day of resolution is closed."""
    values = draft.values
    if values.get("resolved_at") is not None and values.get("status") in (None, "open", "in_progress"):
        values["status"] = "closed"


def _note(draft: Draft, _plan: TablePlan) -> None:
    """The first line is the title where there is none."""
    values = draft.values
    if not values.get("title") and values.get("body"):
        values["title"] = str(values["body"]).strip().split("\n", 1)[0][:_TITLE_LENGTH]


_FINISHERS: dict[str, Finisher] = {
    "contact": _full_name,
    "user": _full_name,
    "contract": _contract,
    "issue": _issue,
    "note": _note,
}


#: What a finisher makes out of several cells, and nobody has tested yet.
MADE: dict[str, tuple[str, ...]] = {"contact": ("name",), "user": ("name",), "contract": ("arr",)}


class RouteFinisher:
    """Completes routes: state and probability from the stage, closing day, title and type."""

    def __init__(self, plan: TablePlan) -> None:
        self._stages = {stage.name: stage for stage in plan.stages}
        column = plan.column_for("stage")
        self._stage_heading = column.heading if column else ""

    def __call__(self, draft: Draft, _plan: TablePlan) -> None:
        """Complete one draft."""
        values, defaults = draft.values, draft.defaults
        lost_on = values.pop("lost_on", None)
        if lost_on is not None and values.get("closed_on") is None:
            values["closed_on"] = lost_on
        facts = {name: values.pop(name, None) for name in ("is_won", "is_closed", "forecast", "outcome")}
        stage = self._stages.get(values.get("stage", ""))
        outcome = facts["outcome"] if facts["outcome"] in _CLOSED else ""
        said = bool(values.get("stage") or values.get("state") or facts["is_won"] or facts["is_closed"] or outcome)
        # A deal that is won or lost keeps the stage it was in: its status says more.
        state = values.get("state") or outcome or self._state(draft, stage, facts)
        if state:
            (values if said else defaults)["state"] = state
            _close(values, state)
            if values.get("probability") is None:
                defaults["probability"] = _probability(stage, state)
            elif state in _CLOSED:
                # What is decided is certain, whatever chance its row still shows.
                values["probability"] = _probability(stage, state)
        if stage is not None and stage.how:
            values["stage"] = stage.label or stage.name
        if not values.get("title"):
            title = _title(draft)
            if title:
                defaults["title"] = title
        defaults.setdefault("type", "upsell")

    def _state(self, draft: Draft, stage: StagePlan | None, facts: dict[str, Any]) -> str:
        values = draft.values
        if facts["is_won"]:
            return "won"
        if facts["is_closed"] and facts["is_won"] is False:
            return "lost"
        if stage is not None and stage.state:
            return stage.state
        forecast = squeeze(str(facts["forecast"] or ""))
        if forecast in _FORECAST:
            return _FORECAST[forecast]
        if values.get("probability") is not None and (values.get("stage") or not stage):
            return meaning_of_probability(values["probability"]).state
        if values.get("stage"):
            known = "Say what it means: identified, qualifying, pursuing, won, lost or parked."
            draft.reject(self._stage_heading, values["stage"], f"Not a stage that is known. {known}")
            return ""
        return "won" if values.get("closed_on") and facts["is_won"] else "identified"


_FORECAST = {"omitted": "lost", "commit": "pursuing", "bestcase": "pursuing", "mostlikely": "pursuing"}


def _close(values: dict[str, Any], state: str) -> None:
    """A closed route was closed on the day its system calls the closing day."""
    if state in _CLOSED:
        closed = values.get("closed_on") or values.get("expected_close_on")
        if closed is not None:
            values["closed_on"] = closed
            values["state_since"] = closed
    else:
        values.pop("closed_on", None)


def _probability(stage: StagePlan | None, state: str) -> Decimal:
    if state in _CLOSED:
        return Decimal(100 if state == "won" else 0)
    if stage is not None and stage.state == state:
        return Decimal(str(stage.probability))
    return {"identified": Decimal(10), "qualifying": Decimal(30), "pursuing": Decimal(60)}.get(state, Decimal(0))


def _title(draft: Draft) -> str:
    """A title for a deal without a name: product, or account, and its id."""
    subject = draft.says("product") or draft.says("account")
    parts = [part for part in (subject[:_TITLE_LENGTH], draft.external_id[:_TITLE_LENGTH]) if part]
    return " · ".join(parts)

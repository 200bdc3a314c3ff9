"""How far the next renewal is prepared: the steps of its timeline with what is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from trackline.accounts.models import Score
from trackline.align.rules.renewal import timeline
from trackline.choose.models import Playbook, Step
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.cards.score import Shown, shown, sources, value_of
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.acts import Act

RULE = timeline.id
NAMES: Mapping[str, str] = {
    "am_90": "90 days, by the account manager",
    "am_120": "120 days, by the account manager",
    "sam_180": "180 days, for strategic accounts",
    "kam_180": "180 days, for key accounts",
}
BANDS: Mapping[str, str] = {"done": "green", "due": "amber", "late": "red", "pending": "unknown"}


@dataclass(frozen=True)
class StepRow:
    """A step of the timeline; one that lay in the past when the renewal was begun is due at once.

    `step` is its id in the play that runs the renewal, None without one.
    """

    key: str
    title: str
    due_on: date
    state: str
    band: str
    late_start: bool
    owner: str = ""
    step: int | None = None


@dataclass(frozen=True)
class RenewalCard:
    """The card; `run` opens the play that says what is done, None where no play runs the renewal."""

    shown: Shown
    renews_on: date
    late: int
    name: str
    steps: Sequence[StepRow]
    run: Act | None

    @property
    def finding(self) -> str:
        """The timeline in a sentence."""
        done = sum(step.state == "done" for step in self.steps)
        late = f", {self.late} late" if self.late else ", none late"
        return f"{done} of {len(self.steps)} steps done{late}"


def renewal_card(score: Score | None, head: Head) -> RenewalCard | None:
    """Return the card of a stored score, or None without one or without a renewal that is prepared; one more query."""
    if score is None or score.value is None:
        return None
    play = next(iter(sources(score, "done")), None)
    named = _named(play["record_id"] if play else None, score.details["preset"])
    steps = [
        StepRow(
            step["key"],
            named[step["key"]][0] if step["key"] in named else "",
            date.fromisoformat(step["due_on"]),
            step["state"],
            BANDS[step["state"]],
            step["late_start"],
            *(named[step["key"]][1:] if step["key"] in named else ()),
        )
        for step in score.details["steps"]
    ]
    return RenewalCard(
        shown(score, head),
        date.fromisoformat(value_of(score, "renewal_date")),
        int(score.value),
        NAMES.get(score.details["preset"], score.details["preset"]),
        steps,
        acts.open_record("play", play["record_id"], play["label"]) if play else None,
    )


def _named(play: int | None, preset: str) -> dict[str, tuple[str, str, int | None]]:
    """Return title, owner and id of each step by its key: of the play that runs, else what the playbook would make."""
    if play is not None:
        rows = Step.objects.filter(play=play, deleted_at__isnull=True).values_list("key", "title", "owner__name", "pk")
        return {key: (title, owner or "nobody", pk) for key, title, owner, pk in rows}
    books = Playbook.objects.filter(key=preset, deleted_at__isnull=True).values_list("steps", flat=True)
    return {step["key"]: (step["title"], "", None) for steps in books for step in steps or ()}

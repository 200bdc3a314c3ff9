"""What the people of an account need now: champions lost, opponents without a plan, silence, nobody of ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.db.models import Q
from django.utils import timezone

from trackline.accounts.models import Contact, RelationshipLine
from trackline.accounts.rulebook.overrides import Overrides
from trackline.accounts.rules.stakeholders import FAVOURABLE, GridParameters, grid
from trackline.accounts.rules.tending import ChampionParameters, Champions, Touches, champions, touch
from trackline.core.playbook import Rule
from trackline.kit import formats
from trackline.watch.evidence.people import CHAMPION, SPONSOR
from trackline.watch.models import Alert
from trackline.watch.services import SETTLED
from trackline.workspace.queries import acts
from trackline.workspace.queries.account.head import Head
from trackline.workspace.queries.acts import Act
from trackline.workspace.queries.playing import start_url

ALIVE = Q(deleted_at__isnull=True)
CLOSE = Q(buying_role="champion") | Q(is_exec_sponsor=True)
SHOWN = 6
"""So many needs stand there at once; the others unfold."""
LOSSES = (CHAMPION, SPONSOR)
"""Signals that the loss of a champion or sponsor raises."""
GRAVITY = {"red": 0, "amber": 1, "unknown": 2}


@dataclass(frozen=True)
class Need:
    """What a person needs: in words, why, under which rule, and the act that meets it (None for who only reads)."""

    band: str
    words: str
    why: str
    rule: str
    act: Act | None
    influence: int = 0


@dataclass(frozen=True)
class Needs:
    """The gravest first; `more` unfold."""

    shown: Sequence[Need]
    more: Sequence[Need]
    people: int

    @property
    def finding(self) -> str:
        """The list in a sentence."""
        found = [*self.shown, *self.more]
        if not found:
            return "nobody is silent, without a plan or without an owner of ours"
        grave = sum(one.band == "red" for one in found)
        return f"{len(found)} in all, {grave} grave" if grave else f"{len(found)} in all, none grave"


class _Book:
    """The rules' figures in force for one account."""

    def __init__(self, head: Head) -> None:
        self.head, self.overrides = head, Overrides.load(head.today)

    def in_force(self, rule: Rule) -> Any:
        account = self.head.account
        return self.overrides.in_force(rule, self.head.today, tier=account.tier, account_id=account.pk)


def needs_of(head: Head, people: Sequence[Contact], lines: Sequence[RelationshipLine] = ()) -> Needs:
    """Return what active contacts, the lines between them and the loss of others ask for, in two queries."""
    book = _Book(head)
    found = [*_losses(head, book, people), *_plans(head, book, people, lines), *_silences(head, book, people)]
    found += _blocked(head, people, lines)
    found += _unowned(head, people)
    found.sort(key=lambda one: (GRAVITY[one.band], -one.influence))
    return Needs(found[:SHOWN], found[SHOWN:], len(people))


def _losses(head: Head, book: _Book, people: Sequence[Contact]) -> Iterator[Need]:
    """Champions and sponsors who moved or left of late, with what that means. Source: STK-20."""
    in_force = book.in_force(champions)
    figures = cast(ChampionParameters, in_force.parameters)
    since = head.today - timedelta(days=figures.replacement_days)
    rows = Contact.objects.filter(ALIVE, CLOSE, account_id=head.account.pk, status_on__gte=since)
    lost = list(rows.exclude(status="active").order_by("-status_on", "name"))
    active = sum(one.sentiment in FAVOURABLE for one in people if one.buying_role == "champion" or one.is_exec_sponsor)
    result = champions.explain(Champions(active=active, lost=len(lost)), in_force, head.today)
    meaning = (
        "No champion is left: count on a high risk of churn"
        if result.details["churn_risk"]
        else "One champion is left, without a backup"
        if result.details["no_backup"]
        else f"{active} champions are left"
    )
    answers = _answers(head, lost) if lost else {}
    for one in lost:
        role = "executive sponsor" if one.is_exec_sponsor else "champion"
        words = f"{one.name}, {role}, {one.get_status_display().lower()} on {formats.day(one.status_on, head.today)}"
        act, runs = answers[one.pk]
        yield Need("red", words, f"{meaning}{runs}.", champions.id, act, one.influence)


def _answers(head: Head, lost: Sequence[Contact]) -> dict[int, tuple[Act | None, str]]:
    """Return what answers each loss, and how that reads: the play that runs, else the start of one, out of its alert where
    one is open."""
    subjects = {f"contact:{one.pk}": one.pk for one in lost}
    rows = Alert.objects.filter(ALIVE, account_id=head.account.pk, rule__in=LOSSES, subject__in=subjects)
    alerts: dict[int, Alert] = {}
    for alert in rows.prefetch_related("plays").order_by("-pk"):
        alerts.setdefault(subjects[alert.subject], alert)
    found: dict[int, tuple[Act | None, str]] = {}
    for one in lost:
        held = alerts.get(one.pk)
        play = next((play for play in held.plays.all() if play.deleted_at is None), None) if held else None
        if play is not None:
            done = "; it is done" if play.status == "done" else ""
            found[one.pk] = (acts.open_record("play", play.pk, "Open the play"), f". {play.title} answers it{done}")
        elif not head.can_write:
            found[one.pk] = (None, "")
        else:
            opened = held is not None and held.state not in SETTLED
            url = start_url("alert", held.pk) if opened and held else start_url("account", head.account.pk)
            found[one.pk] = ({"label": "Start what must be done", "get": url}, "")
    return found


def _plans(head: Head, book: _Book, people: Sequence[Contact], lines: Sequence[RelationshipLine]) -> Iterator[Need]:
    """Influential people to be won over whom nobody has planned to win, with who may open the door. Source: STK-04, STK-16."""
    high_from = cast(GridParameters, book.in_force(grid).parameters).high_from
    for one in people:
        if one.influence < high_from or one.sentiment in FAVOURABLE:
            continue
        lacks = [] if one.next_action and one.next_action_on else ["dated next action"]
        against = one.sentiment == Contact.Sentiment.DETRACTOR
        if against and one.owner_id is None:
            lacks.append("owner of ours")
        if lacks:
            why = f"Influence {one.influence}, {one.get_sentiment_display().lower()}: to be won over.{_way_in(one, lines)}"
            words = f"{one.name} has no {' and no '.join(lacks)}"
            yield Need("red" if against else "amber", words, why, grid.id, _open(head, one, "Plan it"), one.influence)


def _way_in(one: Contact, lines: Sequence[RelationshipLine]) -> str:
    """Name who favours us and influences or supports a person."""
    doors = [
        line.contact.name
        for line in lines
        if line.toward_id == one.pk
        and line.kind != RelationshipLine.Kind.BLOCKS
        and line.contact.sentiment in FAVOURABLE
    ]
    return f" {' and '.join(doors[:2])} can open the door." if doors else ""


def _blocked(head: Head, people: Sequence[Contact], lines: Sequence[RelationshipLine]) -> Iterator[Need]:
    """People who stand in the way of others while nothing dated is planned with them."""
    by_id = {one.pk: one for one in people}
    blockers: dict[int, list[str]] = {}
    for line in lines:
        if line.kind == RelationshipLine.Kind.BLOCKS:
            blockers.setdefault(line.contact_id, []).append(line.toward.name)
    for pk, names in blockers.items():
        one = by_id[pk]
        if not (one.next_action and one.next_action_on):
            why = "Nothing dated is planned with them."
            yield Need(
                "amber",
                f"{one.name} blocks {' and '.join(names[:3])}",
                why,
                "",
                _open(head, one, "Plan it"),
                one.influence,
            )


def _silences(head: Head, book: _Book, people: Sequence[Contact]) -> Iterator[Need]:
    """People past their limit without a two-way touch. Source: STK-11."""
    in_force = book.in_force(touch)
    for one in people:
        given = Touches.model_validate(
            {
                "last_touch_on": _past(one.last_touch_on, head),
                "known_since": _past(timezone.localdate(one.created_at), head),
                "buying_role": one.buying_role or None,
                "exec_sponsor": one.is_exec_sponsor,
                "seniority": one.seniority or None,
                "own_days": one.touch_days,
            }
        )
        result = touch.explain(given, in_force, head.today)
        if result.value is None or not result.details["overdue"]:
            continue
        days, limit = result.details["days"], result.details["limit"]
        role = "Executive sponsor" if one.is_exec_sponsor else one.get_buying_role_display() or "No buying role"
        said = (
            f"{one.name} silent for {days} d" if result.details["touched"] else f"No touch with {one.name} in {days} d"
        )
        after = " Well past it: a matter for the account's owner." if result.band == "red" else ""
        act = acts.create("interaction", "Log a touch", account=head.account.pk, contacts=one.pk)
        yield Need(
            "red" if result.band == "red" and one.influence >= 4 else "amber", said, f"{role}, limit {limit} d.{after}",
            touch.id, act if head.can_write else None, one.influence,
        )  # fmt: skip


def _unowned(head: Head, people: Sequence[Contact]) -> Iterator[Need]:
    """People whom nobody of us looks after. Source: STK-22."""
    alone = sorted((one for one in people if one.owner_id is None), key=lambda one: (-one.influence, one.name))
    if alone:
        names = ", ".join(one.name for one in alone[:3]) + (f" and {len(alone) - 3} more" if len(alone) > 3 else "")
        words = "One person has no owner of ours" if len(alone) == 1 else f"{len(alone)} people have no owner of ours"
        yield Need("unknown", words, f"{names}.", "", _open(head, alone[0], "Name one"))


def _past(day: Any, head: Head) -> Any:
    """Return a day that has come: one written ahead says nothing yet."""
    return day if day is not None and day <= head.today else None


def _open(head: Head, one: Contact, label: str) -> Act | None:
    return acts.open_record("contact", one.pk, label) if head.can_write else None

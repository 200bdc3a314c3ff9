"""Who at a customer was heard: interviews by layer, and people who say one thing and answer another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from trackline.accounts.models import Account, Contact
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import Explained
from trackline.core.playbook.inputs import read_inputs
from trackline.track.models import Interaction, Response
from trackline.track.rules.discovery import conflict, discovery
from trackline.track.rules.surveys import surveys

ALIVE = Q(deleted_at__isnull=True)


@dataclass(frozen=True)
class Conflict:
    """Somebody whose talk and answer contradict each other: `talk_better` than the answer, or `talk_worse`."""

    contact: Contact
    kind: str
    talk: Interaction
    response: Response

    @property
    def says(self) -> str:
        """The contradiction in words."""
        tone = "spoke well of us" if self.kind == "talk_better" else "spoke badly of us"
        return f"{tone}, yet gave {self.response.recommend} of 10"


def discovery_of(account: Account, on: date) -> Explained:
    """Return how many layers were interviewed of late, explained; two queries. Source: NEED-14."""
    rows = Interaction.objects.filter(
        ALIVE, account=account, kind=Interaction.Kind.INTERVIEW, two_way=True, on__lte=on,
        contacts__deleted_at__isnull=True, contacts__isnull=False,
    )  # fmt: skip
    given = [
        {"layer": layer, "on": day}
        for day, seniority in rows.values_list("on", "contacts__seniority")
        if (layer := surveys().audience_of(seniority))
    ]
    figures = Overrides.load(on).in_force(discovery, on, tier=account.tier, account_id=account.pk)
    return discovery.explain(read_inputs(discovery.inputs, {"interviews": given}), figures, on)


def conflicts_of(account: Account, on: date, only: Iterable[int] | None = None) -> list[Conflict]:
    """Return the people whose last talk and last answer contradict each other; three queries. Source: NEED-13.

    `only` names the contacts looked at; all of the account where absent.
    """
    answers = Response.objects.filter(ALIVE, wave__account=account, recommend__isnull=False, on__lte=on)
    answers = answers.filter(wave__deleted_at__isnull=True, contact__deleted_at__isnull=True, contact__isnull=False)
    if only is not None:
        answers = answers.filter(contact__in=list(only))
    newest: dict[int, Response] = {}
    for row in answers.select_related("contact__owner").order_by("on", "pk"):
        if row.contact_id:
            newest[row.contact_id] = row
    talks: dict[int, Interaction] = {}
    through = Interaction.contacts.through.objects.filter(
        contact__in=newest, interaction__deleted_at__isnull=True, interaction__two_way=True,
        interaction__sentiment__isnull=False, interaction__on__lte=on,
    )  # fmt: skip
    for link in through.select_related("interaction").order_by("interaction__on", "interaction__pk"):
        talks[link.contact_id] = link.interaction
    figures = Overrides.load(on).in_force(conflict, on, tier=account.tier, account_id=account.pk)
    found = []
    for pk, talk in talks.items():
        answer = newest[pk]
        given = {
            "sentiment": talk.sentiment, "talked_on": talk.on, "rating": answer.recommend, "answered_on": answer.on,
        }  # fmt: skip
        kind = conflict.explain(read_inputs(conflict.inputs, given), figures, on).details["kind"]
        if kind and answer.contact:
            found.append(Conflict(answer.contact, kind, talk, answer))
    return sorted(found, key=lambda one: one.contact.name)

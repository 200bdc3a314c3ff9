"""Relationship KPIs: champions, executives, escalations. Net promoter score is `track.survey.nps`."""

from __future__ import annotations

from pydantic import Field

from trackline.accounts.rules.kpi.formulas import Judged, judged, percentage
from trackline.core.playbook import Finding, Inputs, absent, insufficient, rule
from trackline.core.playbook.fields import Quantity


class Backing(Inputs):
    """Who of the influential contacts is on our side."""

    active_champions: Quantity | None = Field(description="Active champions")
    high_influence_contacts: Quantity | None = Field(description="Contacts of high influence")


@rule(
    "accounts.kpi.stakeholder_coverage",
    title="Stakeholder coverage ratio",
    spec=("KPI-017",),
    summary="Active champions in percent of contacts of high influence.",
)
def stakeholder_coverage(given: Backing, p: Judged) -> Finding:
    """Divide the active champions by the contacts of high influence. A low ratio means that the account hangs by few people.

    Source: KPI-017.
    """
    return percentage(
        given,
        "active_champions",
        "high_influence_contacts",
        p.bands,
        zero="There are no contacts of high influence.",
        above="Above 100 %: there are more champions than contacts of high influence.",
    )


class Encounters(Inputs):
    """Executives of both sides talking."""

    interactions: Quantity | None = Field(description="Interactions of C-level with C-level in the quarter")


@rule(
    "accounts.kpi.executive_engagement",
    title="Executive engagement",
    spec=("KPI-018",),
    summary="Interactions between executives of both sides in a quarter.",
)
def executive_engagement(given: Encounters, p: Judged) -> Finding:
    """Count the interactions of C-level with C-level in the quarter.

    Source: KPI-018.
    """
    if given.interactions is None:
        return insufficient("interactions")
    return judged(given.interactions, p.bands)


class Champions(Inputs):
    """Champions that came and went."""

    gained: Quantity | None = Field(description="Champions gained in the last two quarters")
    lost: Quantity | None = Field(description="Champions lost in the last two quarters")


@rule(
    "accounts.kpi.champion_velocity",
    title="Champion velocity",
    spec=("KPI-019",),
    summary="Champions gained less champions lost.",
)
def champion_velocity(given: Champions, p: Judged) -> Finding:
    """Take the champions lost in the last two quarters off those gained.

    Source: KPI-019.
    """
    if given.gained is None or given.lost is None:
        return insufficient(*absent(given, "gained", "lost"))
    return judged(given.gained - given.lost, p.bands)


class Escalations(Inputs):
    """Gravest incidents of a period."""

    in_sla: Quantity | None = Field(description="P1 incidents resolved within the SLA")
    total: Quantity | None = Field(description="All P1 incidents")


@rule(
    "accounts.kpi.escalation_recovery",
    title="Issue escalation recovery",
    spec=("KPI-020",),
    summary="P1 incidents resolved within the SLA in percent of all P1 incidents.",
)
def escalation_recovery(given: Escalations, p: Judged) -> Finding:
    """Divide the P1 incidents that were resolved within the SLA by all P1 incidents.

    Source: KPI-020.
    """
    return percentage(
        given,
        "in_sla",
        "total",
        p.bands,
        zero="There were no P1 incidents.",
        above="Above 100 %: more incidents were resolved in time than there were.",
    )

"""Puts the sample book together."""

from __future__ import annotations

from datetime import date

from trackline.connectors.sample import (
    accounts,
    asking,
    catalogue,
    goals,
    growing,
    measures,
    people,
    plays,
    proving,
    rhythm,
    routes,
    situation,
    tiers,
)
from trackline.connectors.sample.content import book_file, note_stories, stories
from trackline.connectors.sample.drafts import Book
from trackline.connectors.sample.timeline import BOOK_OPENED, Timeline

ORDER = (
    "user", "data_steward", "booking_target", "dashboard", "scoring_scenario", "product", "objective", "key_result", "assignment", "playbook", "journey_dimension", "account",
    "business_unit", "contact", "relationship_line", "team_member", "kpi", "pain_point", "pain_point_vote", "customer_priority", "goal", "check_in", "value_outcome",
    "business_case", "case_line",
    "contract", "contract_item", "renewal_cycle", "project", "route", "whitespace_cell", "qualification", "play", "step", "cadence", "sponsorship", "meeting", "decision",
    "action", "execution_metric", "execution_reading", "issue", "note", "risk", "competitive_position", "competitor", "competitor_sighting", "interaction", "survey_round", "wave", "response", "value_gap", "pilot", "data_source", "checklist_answer", "health_snapshot",
    "journey_score", "stand_up_entry", "tier_decision", "tier_override", "initiative",
)  # fmt: skip
"""Record types in an order in which what a record points to is there before it."""

_BOOK = (
    people.add_users, catalogue.add_products, catalogue.add_objectives, catalogue.add_targets, catalogue.add_stewards, catalogue.add_dashboards, catalogue.add_scenarios, people.add_assignments,
    catalogue.add_playbooks, catalogue.add_dimensions, asking.add_rounds,
)  # fmt: skip
_ACCOUNT = (
    accounts.add_account, accounts.add_units, accounts.add_contacts, accounts.add_lines, people.add_team, measures.add_kpis,
    measures.add_readings, goals.add_priorities, goals.add_goals, goals.add_values, goals.add_cases, routes.add_contracts,
    routes.add_projects, routes.add_routes, routes.add_whitespace, plays.add_plays, plays.add_stand_ups, rhythm.add_cadences, rhythm.add_sponsorships, rhythm.add_execution,
    situation.add_issues, situation.add_notes, situation.add_risks, situation.add_needs, proving.add_proof, situation.add_competition, situation.add_interactions,
    situation.add_snapshots, situation.add_journey, asking.add_surveys, tiers.add_tiers, growing.add_initiatives,
)  # fmt: skip


def build(today: date) -> Book:
    """Return the sample book as of a day; the same day gives the same book."""
    company = book_file()["company"]
    when = Timeline(today, company["timezone"])
    book = Book(today, when.day(BOOK_OPENED), company, catalogue.rates(today))
    for add in _BOOK:
        add(book, when)
    found = stories(when)
    for story in found:
        for part in _ACCOUNT:
            part(book, story)
    note_stories(book, found)
    book.drafts = {kind: book.drafts.get(kind, []) for kind in ORDER}
    book.amendments.sort(key=lambda change: (change.at, change.key))
    return book

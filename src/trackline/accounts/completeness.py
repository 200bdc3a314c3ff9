"""How complete each TRACK section of an account is (TRK-19).

A room registers its section: facts of several accounts in a constant number of queries, and a pure rule that turns the
facts of one account into checks. The result is stored on the account with each write that touches it and by
`trackline refresh`; the account's page computes it live.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from trackline.accounts.gathering import is_gathered
from trackline.accounts.models import Account
from trackline.kit.keys import Keys
from trackline.kit.many import update_columns
from trackline.kit.policy import Context
from trackline.kit.records import services

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Check:
    """One condition of a complete section; `missing` says what to do while it fails, `record` which noun that makes."""

    key: str
    passed: bool
    label: str
    missing: str = ""
    record: str = ""


@dataclass(frozen=True)
class Section:
    """A TRACK section: its letter and title, where its facts come from, and its rule."""

    key: str
    letter: str
    title: str
    question: str
    facts: Callable[[list[int], date], Mapping[int, Facts]]
    checks: Callable[[Facts], list[Check]]


@dataclass(frozen=True)
class Completeness:
    """Checks of one account by section key; percentages are of checks passed."""

    checks: Mapping[str, list[Check]]

    def pct(self, key: str) -> float:
        """Return the percentage of a section."""
        found = self.checks[key]
        return round(100 * sum(check.passed for check in found) / len(found), 1)

    @property
    def total(self) -> float:
        """Return the mean of the five sections."""
        values = [100 * sum(check.passed for check in found) / len(found) for found in self.checks.values()]
        return round(sum(values) / len(values), 1)

    def missing(self, key: str) -> list[Check]:
        """Return the checks of a section that fail."""
        return [check for check in self.checks[key] if not check.passed]

    def to_json(self) -> dict[str, float]:
        """Return percentages by section, and `total`."""
        return {key: self.pct(key) for key in self.checks} | {"total": self.total}


_sections: dict[str, Section] = {}


def register_section(section: Section) -> None:
    """Add a section."""
    _sections[section.key] = section


def sections() -> list[Section]:
    """Return the sections in TRACK order."""
    order = ("track", "reveal", "align", "choose", "kickoff")
    return [_sections[key] for key in order if key in _sections]


def compute(account_ids: Iterable[int], today: date, only: Container[str] | None = None) -> dict[int, Completeness]:
    """Return the completeness of accounts, of `only` some sections; queries do not grow with the accounts."""
    ids = Keys(account_ids)
    facts = [(section, section.facts(ids, today)) for section in sections() if only is None or section.key in only]
    return {
        pk: Completeness({section.key: section.checks(found.get(pk, {})) for section, found in facts}) for pk in ids
    }


def store(account_ids: Iterable[int], today: date) -> None:
    """Compute and keep the completeness of accounts."""
    results = compute(account_ids, today)
    rows = [(pk, found.to_json(), today) for pk, found in results.items()]
    update_columns(Account, ("completeness", "completeness_on"), rows)


def store_section(account_id: int, key: str, today: date) -> None:
    """Compute one section anew and keep it with what is stored of the others; all of them where nothing is stored."""
    kept = Account.objects.filter(pk=account_id).values_list("completeness", flat=True).first()
    if not kept or any(section.key not in kept for section in sections()):
        store([account_id], today)
        return
    merged = kept | {key: compute([account_id], today, only=(key,))[account_id].pct(key)}
    merged["total"] = round(sum(merged[section.key] for section in sections()) / len(sections()), 1)
    if merged != kept:
        Account.objects.filter(pk=account_id).update(completeness=merged)


READING = frozenset({"current"})


def listen() -> None:
    """Keep the stored result in step with record writes."""
    services.subscribers.append(_on_write)


def _on_write(ctx: Context, event: services.WriteEvent) -> None:
    if event.account_id is None or (event.rtype.is_account and event.action == "delete"):
        return
    if event.rtype.name == "observation" or event.changed == READING:
        return  # a new value moves no check
    if is_gathered(event.account_id):
        return
    if event.action in ("create", "update") and event.rtype.section in _sections:
        store_section(event.account_id, event.rtype.section, ctx.today)
    elif event.rtype.is_account and event.action == "update":
        store_section(event.account_id, "track", ctx.today)
    else:
        store([event.account_id], ctx.today)

"""The self-check: looks at every part of an installation and says what to do about what it finds."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError, connection, models
from django.utils import timezone

from trackline.accounts.rulebook import pending
from trackline.accounts.rulebook.overrides import Overrides
from trackline.core.playbook import RulebookInvalid, RuleUnknown, RunRefused, rulebook
from trackline.delivery import env
from trackline.delivery.jobs import register_all
from trackline.documents.scripts import without_font
from trackline.kit.jobs.queries import standing
from trackline.kit.records.models import Record

from . import schema

LEAST_FREE_BYTES = 500 * 1024 * 1024
MOST_CLOCK_DRIFT = dt.timedelta(seconds=30)
SHOWN_IDS = 5


@dataclass(frozen=True)
class Finding:
    """What one check found; `remedy` says what to do where it failed."""

    name: str
    failed: bool
    found: str
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        """The finding as plain values."""
        return asdict(self)


def run(now: dt.datetime) -> list[Finding]:
    """Every finding, in the order an operator would look. Content is checked only where the schema fits."""
    findings = [*_environment(), *_home(), _assets(), _fonts(), _rulebook()]
    try:
        reached = _schema()
        findings += reached
        if not any(finding.failed for finding in reached):
            findings += [
                _clock(now),
                _integrity(),
                *_references(),
                _json(),
                _orphans(),
                _adjusted(timezone.localdate(now)),
                _pending(),
                *_jobs(now),
            ]
    except DatabaseError as problem:
        remedy = "Check TRACKLINE_DATABASE_URL, and that the server runs and lets this machine in."
        findings.append(Finding("Database", True, str(problem).strip(), remedy))
    return findings


def _fonts() -> Finding:
    """Scripts that PDFs cannot show. No failure: whoever has no such names needs no such fonts."""
    lacking = without_font()
    if not lacking:
        return Finding("Fonts", False, "there is one for every script that is looked for")
    packages = ", ".join(dict.fromkeys(one.package for one in lacking))
    names = ", ".join(one.name for one in lacking)
    return Finding("Fonts", False, f"none for {names}: such letters are boxes in PDFs (Debian: install {packages})")


def _rulebook() -> Finding:
    try:
        return Finding("Rulebook", False, f"{len(rulebook())} rules, their figures in order")
    except RulebookInvalid as invalid:
        return Finding(
            "Rulebook", True, "; ".join(invalid.faults), "Mend the data files named, or install Trackline anew."
        )


def _pending() -> Finding:
    waiting = pending.count()
    return Finding(
        "Scores", False, f"{waiting:,} to be computed anew; trackline refresh does it" if waiting else "none pending"
    )


def _jobs(now: dt.datetime) -> Iterator[Finding]:
    """Periodic jobs: that a worker does them, and that none fails. A book that never had a worker only says so."""
    register_all()
    found = standing(now)
    if not any(one.runs for one in found):
        yield Finding("Jobs", False, "none has run yet; `trackline worker` does them")
        return
    for one in found:
        if one.failing and one.last is not None:
            yield Finding(
                "Jobs", True, f"{one.job.title} failed: {one.last.said}", "It is tried again; mend what it names."
            )
    late = [one.job.title for one in found if one.late]
    if late:
        yield Finding("Jobs", True, f"due and done by nobody: {', '.join(late)}", "Start `trackline worker`.")
    elif not any(one.failing for one in found):
        yield Finding("Jobs", False, f"{len(found)}, each done in its time")


def _adjusted(today: dt.date) -> Finding:
    """What administrators laid over rules still fits them; what does not is left out when they run."""
    laid = [
        (rule, slot[3], changes)
        for rule, slots in Overrides.load(today).slots.items()
        for slot, changes in slots.items()
    ]
    for rule_id, preset, changes in laid:
        try:
            rulebook().get(rule_id).in_force(today, preset or None, changes)
        except (RuleUnknown, RunRefused) as problem:
            remedy = (
                f"Adjust {rule_id} again under Rulebook, or take its version back; until then its own figures count."
            )
            return Finding("Adjusted figures", True, f"{rule_id}: {problem}", remedy)
    return Finding("Adjusted figures", False, f"{len(laid)} in force, each fits its rule" if laid else "none")


def _environment() -> Iterator[Finding]:
    for name, near in env.unknown_variables().items():
        yield Finding("Settings", True, f"{name} is no setting", f"Did you mean {near}?" if near else "Remove it.")
    if settings.DEBUG:
        yield Finding("Settings", True, "TRACKLINE_DEBUG is on", "Unset it wherever others can reach the site.")
    else:
        yield Finding("Settings", False, f"valid, site at {settings.BASE_URL}")


def _home() -> Iterator[Finding]:
    home = Path(settings.HOME)
    try:
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as problem:
        remedy = "Create it with `trackline init`, or give this user write access."
        yield Finding("Data folder", True, f"{home}: {problem.strerror}", remedy)
        return
    free = shutil.disk_usage(home).free
    low = free < LEAST_FREE_BYTES
    remedy = "Free some space: with none left, nothing can be saved." if low else ""
    yield Finding("Data folder", low, f"{home}, {free / 1e9:,.1f} GB free", remedy)
    key = home / "secret-key"
    if os.name == "posix" and key.exists() and key.stat().st_mode & 0o077:
        yield Finding("Secret key", True, f"others may read {key}", f"chmod 600 {key}")


def _assets() -> Finding:
    if finders.find("dist/manifest.json"):
        return Finding("Assets", False, "in place")
    remedy = "Install Trackline again; in a checkout run `make assets`."
    return Finding("Assets", True, "the built style sheets and scripts are missing", remedy)


def _schema() -> list[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        version = cursor.fetchone()[0]
    found = schema.inspect()
    name = "SQLite" if connection.vendor == "sqlite" else "PostgreSQL"
    findings = [Finding("Database", False, f"{name} {version}, {connection.settings_dict['NAME']}")]
    if found.unknown:
        findings.append(Finding("Schema", True, "newer than this version", schema.newer(found.unknown)))
    elif found.pending:
        remedy = "Take a backup, then run `trackline init`." if not found.empty else "Run `trackline init`."
        findings.append(Finding("Schema", True, f"{len(found.pending)} migration(s) missing", remedy))
    else:
        findings.append(Finding("Schema", False, "up to date"))
    return findings


def _clock(now: dt.datetime) -> Finding:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            drift = abs(cursor.fetchone()[0] - timezone.now())
        if drift > MOST_CLOCK_DRIFT:
            found = f"{drift.total_seconds():.0f} s apart from the database server's"
            return Finding("Clock", True, found, "Let both machines keep time with NTP.")
    latest = apps.get_model("kit", "Change")._base_manager.aggregate(at=models.Max("at"))["at"]
    if latest and latest > now + MOST_CLOCK_DRIFT:
        return Finding(
            "Clock", True, f"behind the newest change ({latest:%Y-%m-%d %H:%M} UTC)", "Set this machine's clock."
        )
    return Finding("Clock", False, f"{now:%Y-%m-%d %H:%M} UTC")


def _integrity() -> Finding:
    if connection.vendor != "sqlite":
        return Finding("Integrity", False, "kept by the server")
    with connection.cursor() as cursor:
        answers = [row[0] for row in cursor.execute("PRAGMA quick_check").fetchall()]
    if answers == ["ok"]:
        return Finding("Integrity", False, "every page is sound")
    return Finding("Integrity", True, answers[0], "The file is damaged: restore the latest backup.")


def _references() -> Iterator[Finding]:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            rows = cursor.execute("PRAGMA foreign_key_check").fetchall()
        if rows:
            table, rowid, target, _ = rows[0]
            found = f"{len(rows)} row(s) point at nothing, such as {table} {rowid} → {target}"
            yield Finding("References", True, found, "Restore the latest backup, or remove these rows by hand.")
            return
    yield Finding("References", False, "every reference holds")


def _json() -> Finding:
    broken: list[str] = []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for model in apps.get_models(include_auto_created=True):
                for field in model._meta.concrete_fields:
                    if field.get_internal_type() == "JSONField":
                        broken += _broken_json(cursor, model._meta.db_table, str(field.column))
    if broken:
        return Finding("JSON values", True, f"unreadable: {', '.join(broken)}", "Restore the latest backup.")
    return Finding("JSON values", False, "all readable")


def _broken_json(cursor: Any, table: str, column: str) -> Iterator[str]:
    quote = connection.ops.quote_name
    cursor.execute(
        f"SELECT rowid FROM {quote(table)} WHERE {quote(column)} IS NOT NULL AND NOT json_valid({quote(column)}) "  # noqa: S608
        f"LIMIT {SHOWN_IDS}"
    )
    for (rowid,) in cursor.fetchall():
        yield f"{table}.{column} of row {rowid}"


def _belongs_to_a_record(field: models.ForeignKey[Any, Any]) -> bool:
    return field.remote_field.on_delete is models.CASCADE and issubclass(field.related_model, Record)


def _orphans() -> Finding:
    """Live records that belong to a deleted one, and external ids of records that are gone."""
    found: list[str] = []
    for model in apps.get_models():
        if not issubclass(model, Record):
            continue
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and _belongs_to_a_record(field):
                lost = model._base_manager.filter(deleted_at=None, **{f"{field.name}__deleted_at__isnull": False})
                found += [f"{model._meta.db_table} {pk}" for pk in lost.values_list("pk", flat=True)[:SHOWN_IDS]]
    if found:
        remedy = "Open each in the history of its account and restore or delete it."
        return Finding("Orphans", True, f"{', '.join(found)} belong to deleted records", remedy)
    return Finding("Orphans", False, "none")

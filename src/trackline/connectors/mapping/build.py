"""Make the plan of an import: recognise tables, match columns, read every row once for evidence, list the questions."""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from trackline.connectors.mapping.cells import is_salesforce_id
from trackline.connectors.mapping.columns import OTHER_IDS, Match, currency_in, match_columns
from trackline.connectors.mapping.plan import (
    REJECT_REASON,
    REJECT_ROW,
    ColumnPlan,
    ImportPlan,
    TablePlan,
    UnreadPlan,
)
from trackline.connectors.mapping.questions import (
    DATE_KINDS,
    NUMBER_KINDS,
    settle_choices,
    settle_dates,
    settle_numbers,
    settle_shares,
    settle_stages,
    shared_mark,
    shared_order,
)
from trackline.connectors.mapping.recognise import Recognition, TypesOf, recognise_all
from trackline.connectors.mapping.saved import FileMap, SavedMap
from trackline.connectors.mapping.sidetables import complete_stages
from trackline.connectors.profiles import CUSTOM, OWN, SKIP, Source, TypeWords, vocabulary
from trackline.connectors.readers import Reading, ReadProblem, Table
from trackline.connectors.readers.json_records import REFERENCE
from trackline.connectors.values.columns import ColumnScan
from trackline.connectors.values.dates import Order
from trackline.connectors.values.numbers import Mark
from trackline.connectors.values.words import fold, squeeze, words_of

T = TypeVar("T")
Progress = Callable[[str, int], None]
"""Told the table being read and how many of its rows are done."""

_CHUNK = 2_000
#: Columns that no field takes are kept as custom fields up to this many for one file.
_MAX_CUSTOM = 60
_CODE_WORDS = frozenset(
    [
        "id",
        "ids",
        "code",
        "number",
        "no",
        "nr",
        "phone",
        "fax",
        "mobile",
        "telefon",
        "zip",
        "postal",
        "plz",
        "tel",
        "sic",
        "naics",
        "duns",
        "iban",
        "vat",
        "serial",
        "ref",
    ]
)
#: How cells begin that hold records within a record.
_NESTED = ('[{"', '{"')
#: Number and date columns found by their heading alone are dropped when more than this share cannot be read.
_UNREADABLE = 0.5
#: What a list of contacts may say of its companies.
_ACCOUNT_FACTS = frozenset(
    ["industry", "client_fte", "arr", "region", "domain", "tier", "segment", "renewal_date", "parent", "business_model"]
)


def silent(table: str, rows: int) -> None:
    """Progress that nobody watches."""


def plain_types(_source: str) -> Mapping[str, TypeWords]:
    """The types of the vocabulary, whatever the source."""
    return vocabulary()


def build_plan(
    reading: Reading,
    saved: SavedMap | None = None,
    *,
    source: str = "auto",
    types_of: TypesOf = plain_types,
    progress: Progress = silent,
) -> ImportPlan:
    """Plan the import of all tables. Reads each of them once, holding one chunk at a time."""
    saved = saved or SavedMap()
    source = source if source != "auto" else saved.source or "auto"
    plan = ImportPlan(source, saved.mode or "both", bool(saved.create_accounts))
    plan.unread = [UnreadPlan(each.file, each.reason, each.failed, each.row) for each in reading.unread]
    entries = [saved.of(table.file, table.name) for table in reading.tables]
    verdicts = recognise_all(reading.tables, types_of, source, [entry.type for entry in entries])
    for table, entry, verdict in zip(reading.tables, entries, verdicts, strict=True):
        types = types_of(verdict.source.system)
        planned = _plan_table(table, entry, verdict, types)
        try:
            _read_evidence(table, planned, entry, verdict, types, progress)
        except ReadProblem as problem:
            plan.unread.append(UnreadPlan(table.name, problem.message, True, problem.row))
            continue
        plan.tables.append(planned)
        embedded = _embedded_accounts(table, planned, verdict, types)
        if embedded is not None:
            other, found = embedded
            _read_evidence(table, other, entry, found, types, silent)
            plan.tables.append(other)
    complete_stages(plan, {table.name: table for table in reading.tables})
    return plan


def _plan_table(table: Table, entry: FileMap, verdict: Recognition, types: Mapping[str, TypeWords]) -> TablePlan:
    plan = TablePlan(
        file=table.file,
        part=table.part,
        kind=table.kind,
        type=verdict.type,
        role=verdict.role,
        object_name=verdict.obj.name if verdict.obj else table.object_name,
        source=verdict.source.system,
        system=entry.system or verdict.source.system,
        confidence=verdict.confidence,
        reason=verdict.reason,
        encoding=table.encoding,
        delimiter=table.delimiter,
        heading_row=table.heading_row,
        notes=list(table.notes),
        currency=entry.currency,
    )
    for index, heading in enumerate(table.headings):
        plan.columns.append(_plan_column(index, heading, entry, verdict, types))
    _settle_rivals(plan)
    return plan


def _plan_column(
    index: int, heading: str, entry: FileMap, verdict: Recognition, types: Mapping[str, TypeWords]
) -> ColumnPlan:
    column = ColumnPlan(index, heading, label=custom_label(heading, verdict.source), currency=currency_in(heading))
    column.replace = dict(_told(entry.values, heading) or {})
    told = _told(entry.columns, heading)
    if heading in (REJECT_ROW, REJECT_REASON):
        column.how = "skipped"
    elif heading in entry.skip:
        column.how = "map"
    elif told is not None:
        column.how = "map"
        if told == CUSTOM:
            column.target = f"{CUSTOM}:{custom_key(column.label)}"
        elif told not in (SKIP, ""):
            column.target = told
    elif heading == REFERENCE:
        column.target, column.how = "reference", "profile"
    else:
        _apply(column, verdict.matches.get(index), verdict, types)
    _describe(column, verdict.type, types)
    return column


def _told(entries: Mapping[str, T], heading: str) -> T | None:
    """What a map says of a heading, compared without case and punctuation."""
    if heading in entries:
        return entries[heading]
    wanted = squeeze(heading)
    return next((value for name, value in entries.items() if squeeze(name) == wanted), None)


def _apply(column: ColumnPlan, match: Match | None, verdict: Recognition, types: Mapping[str, TypeWords]) -> None:
    if verdict.role != "records" or not verdict.type:
        return
    if match is None:
        column.how = "kept" if verdict.obj is None or verdict.obj.keep_custom else "skipped"
        column.target = f"{CUSTOM}:{custom_key(column.label)}" if column.how == "kept" else ""
        return
    column.how = match.how
    if match.target.field.startswith(f"{CUSTOM}:"):
        column.target = match.target.field
    elif match.target.field == CUSTOM:
        column.target = f"{CUSTOM}:{custom_key(column.label)}"
    elif match.target.field != SKIP:
        column.target = str(match.target)
        facts = types[verdict.type].fields.get(match.target.field)
        column.fills = match.fills
        if match.fills or (facts is not None and facts.keep):
            column.also = custom_key(column.label)


def _describe(column: ColumnPlan, type_name: str, types: Mapping[str, TypeWords]) -> None:
    if column.is_custom or not column.target or not type_name:
        return
    facts = types[type_name].fields.get(column.field_target.field)
    if facts is not None:
        column.kind = facts.kind
    elif column.target == "reference" or column.field_target.field == OTHER_IDS:
        column.kind = "external_id"


def _settle_rivals(plan: TablePlan) -> None:
    """A column that a map sends to a field takes it from the column that had been found for it."""
    told = {column.target for column in plan.columns if column.how == "map" and column.target}
    for column in plan.columns:
        if column.how != "map" and column.target in told:
            column.target, column.how, column.kind = f"{CUSTOM}:{custom_key(column.label)}", "kept", ""


def custom_label(heading: str, source: Source) -> str:
    """What a custom field made from a heading is called: `property_annualrevenue` and `ANNUALREVENUE` are one."""
    bare = re.sub(r"__[cr]$", "", heading, flags=re.IGNORECASE)
    if source.system == OWN:
        bare = bare.removeprefix(f"{CUSTOM}.")
    for prefix in source.prefixes:
        if bare.lower().startswith(prefix):
            bare = bare[len(prefix) :]
    known = source.labels.get(squeeze(bare))
    if known:
        return known
    if " " in bare:
        return bare
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", bare).replace("_", " ").strip()
    words = parted.split()
    if len(words) == 1 and words[0].isupper() and len(words[0]) > 4:
        words = [words[0].lower()]
    words = [word if word.isupper() else word.lower() for word in words]
    label = " ".join(words)
    return label[:1].upper() + label[1:] if label else heading


def custom_key(label: str) -> str:
    """The key of a custom field: `Year established` → `year_established`."""
    key = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")[:60].strip("_")
    return key or f"field_{zlib.crc32(label.encode()):08x}"


def _read_evidence(
    table: Table,
    plan: TablePlan,
    entry: FileMap,
    verdict: Recognition,
    types: Mapping[str, TypeWords],
    progress: Progress,
) -> None:
    scans = [_scan_for(column) for column in plan.columns]
    rows = table.rows()
    while chunk := list(itertools.islice(rows, _CHUNK)):
        for scan, values in zip(scans, zip(*(row.cells for row in chunk), strict=True), strict=False):
            scan.add(values)
        plan.rows += len(chunk)
        progress(plan.name, plan.rows)
    for column, scan in zip(plan.columns, scans, strict=True):
        column.samples, column.filled = scan.samples, scan.filled
    if not plan.type:
        return
    words = types[plan.type]
    if plan.source == "salesforce" and not entry.system and not _has_salesforce_ids(plan, scans):
        plan.system = "csv"
    if plan.source == OWN:
        _settle_own(plan, scans, entry, words)
        return
    order = Order(entry.date_order) if entry.date_order else shared_order(scans)
    mark = Mark(entry.decimal) if entry.decimal else shared_mark(scans)
    _settle_columns(plan, scans, order, mark)
    pairs = list(zip(plan.columns, scans, strict=True))
    settle_dates(plan, pairs, entry.date_order)
    settle_numbers(plan, pairs, entry.decimal)
    settle_shares(pairs, verdict.source)
    settle_choices(plan, pairs, words)
    settle_stages(plan, pairs, plan.source, entry)


def _settle_own(plan: TablePlan, scans: list[ColumnScan], entry: FileMap, words: TypeWords) -> None:
    """Columns of our own exports are what their headings say; only a spreadsheet may have changed how values look."""
    order = Order(entry.date_order) if entry.date_order else shared_order(scans)
    mark = Mark(entry.decimal) if entry.decimal else shared_mark(scans)
    pairs = list(zip(plan.columns, scans, strict=True))
    for column, scan in pairs:
        if column.is_custom:
            column.kind = _custom_kind(column, scan.kind(order, mark)) if scan.filled else "text"
    settle_dates(plan, pairs, entry.date_order)
    settle_numbers(plan, pairs, entry.decimal)
    settle_choices(plan, pairs, words)


def _has_salesforce_ids(plan: TablePlan, scans: list[ColumnScan]) -> bool:
    """Whether the ids of a table are those of Salesforce; a list in its words may have ids of another origin."""
    samples = [
        sample
        for column, scan in zip(plan.columns, scans, strict=True)
        if column.kind == "external_id" or column.field_target.by == "id"
        for sample in scan.samples
    ]
    return not samples or any(is_salesforce_id(sample) or sample.startswith("@") for sample in samples)


def _scan_for(column: ColumnPlan) -> ColumnScan:
    return ColumnScan(
        dates=column.kind in DATE_KINDS,
        numbers=column.kind in NUMBER_KINDS,
        emails=column.kind == "email",
        kind_wanted=column.is_custom or bool(column.also) or column.kind in (*DATE_KINDS, *NUMBER_KINDS, "email"),
        distinct_wanted=column.kind in ("choice", "stage"),
    )


def _settle_columns(plan: TablePlan, scans: list[ColumnScan], order: Order | None, mark: Mark | None) -> None:
    """Drop what holds nothing, turn what cannot be read into text, give custom fields their kind."""
    kept = 0
    used = {column.custom_key for column in plan.columns if column.how == "map" and column.custom_key}
    for column, scan in zip(plan.columns, scans, strict=True):
        if not scan.filled:
            if column.how != "map" and column.is_custom:
                column.target, column.how = "", "empty"
            continue
        if column.how == "kept" and any(sample.startswith(_NESTED) for sample in column.samples):
            column.target, column.how = "", "skipped"
            column.notes.append("Left out: holds lists of other records; export them as a file of their own")
            continue
        if column.how in ("heading", "profile") and _hardly_readable(column, scan):
            noun = {"email": "e-mail address", "date": "date", "datetime": "date"}.get(column.kind, "number")
            column.notes.append(f"Most values are no {noun}; kept as text")
            column.target, column.how, column.kind = f"{CUSTOM}:{custom_key(column.label)}", "kept", ""
        if column.is_custom:
            kept += 1
            if kept > _MAX_CUSTOM and column.how == "kept":
                column.target, column.how = "", "skipped"
                column.notes.append(f"Left out: at most {_MAX_CUSTOM} columns are kept as custom fields")
                continue
            column.kind = _custom_kind(column, scan.kind(order, mark))
            if column.how == "kept":
                column.target = f"{CUSTOM}:{_free_key(custom_key(column.label), used)}"
        elif column.also:
            column.also = _free_key(column.also, used)


def _hardly_readable(column: ColumnPlan, scan: ColumnScan) -> bool:
    if column.kind == "email":
        # One address is enough to take the rest for slips.
        return scan.unreadable > 1 and not scan.readable
    if column.kind in DATE_KINDS | NUMBER_KINDS:
        unreadable = scan.unreadable and scan.unreadable + scan.serials
        return unreadable > max(1, _UNREADABLE * (unreadable + scan.readable))
    return False


def _custom_kind(column: ColumnPlan, kind: str) -> str:
    words = words_of(column.label)
    counts = any(first in ("number", "no", "nr") and second == "of" for first, second in itertools.pairwise(words))
    if kind in ("integer", "decimal") and set(words) & _CODE_WORDS and not counts:
        return "text"
    return "decimal" if kind == "integer" else kind


def _free_key(key: str, used: set[str]) -> str:
    """A key no other column of the file has."""
    candidate, number = key, 2
    while candidate in used:
        candidate, number = f"{key[:56]}_{number}", number + 1
    used.add(candidate)
    return candidate


def _embedded_accounts(
    table: Table, plan: TablePlan, verdict: Recognition, types: Mapping[str, TypeWords]
) -> tuple[TablePlan, Recognition] | None:
    """Accounts described inside a list of contacts: company name with industry, web site, employees and the like.

    Their columns go to a second plan over the same table, which is imported first.
    """
    if plan.type != "contact" or verdict.role != "records":
        return None
    name = next((c for c in plan.columns if c.target == "account" and c.how in ("heading", "profile")), None)
    if name is None:
        return None
    words = types["account"]
    free = {c.index for c in plan.columns if c.how == "kept" and c.filled}
    matches = match_columns(table.headings, words, verdict.source, None)
    taken = {i: m for i, m in matches.items() if i in free and m.target.field in _ACCOUNT_FACTS}
    if len(taken) < 2:
        return None
    other = replace(
        plan,
        type="account",
        embedded=True,
        rows=0,
        questions=[],
        stages=[],
        notes=["Accounts described in this list of contacts"],
        columns=[],
    )
    for column in plan.columns:
        copy = ColumnPlan(column.index, column.heading, how="skipped", label=column.label, currency=column.currency)
        copy.replace = dict(column.replace)
        if column.index == name.index:
            copy.target, copy.how = "name", "heading"
        elif column.target == "account#id":
            copy.target, copy.how = "external_id", "heading"
        elif column.index in taken:
            copy.target, copy.how = str(taken[column.index].target), "heading"
            column.target, column.how, column.kind = "", "skipped", ""
            column.notes.append("Belongs to the account")
        _describe(copy, "account", types)
        other.columns.append(copy)
    return other, replace(verdict, type="account", obj=None)

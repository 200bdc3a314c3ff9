"""Find out what a table is: which system wrote it, and which record type its rows become."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from trackline.accounts.names import legal_forms
from trackline.connectors.mapping.columns import Match, is_telling, match_columns, missing_needs, score
from trackline.connectors.profiles import (
    OWN,
    SYSTEMS,
    Source,
    SourceObject,
    TypeWords,
    record_words,
    sources,
)
from trackline.connectors.readers import ReadProblem, Table
from trackline.connectors.values.words import squeeze, words_of
from trackline.kit.records.types import registry

#: From this many points of evidence on, a table is taken to be written by a system.
_SOURCE_POINTS = 3
#: What a type needs to be recognised: with its noun in the file's name, and without.
_TYPE_POINTS_NAMED, _TYPE_POINTS = 2, 4
_NAME_BONUS = 4
#: What names with the legal form of a company behind them are worth (`Acme GmbH`).
_FORM_BONUS = 3
LEAVE_OUT = "skip"
"""The type that a map gives to a file nothing shall be taken from."""
_NOISE = frozenset(
    [
        "export",
        "exports",
        "exported",
        "crm",
        "data",
        "all",
        "list",
        "liste",
        "report",
        "bericht",
        "rapport",
        "informe",
        "sf",
        "hs",
        "alle",
        "tous",
        "toutes",
        "todos",
        "todas",
        *SYSTEMS,
        "extract",
        "dump",
        "backup",
        "csv",
        "xlsx",
        "tab",
        "final",
        "new",
        "neu",
        "copy",
        "kopie",
        "copie",
        "full",
        "my",
        "meine",
        "active",
        "view",
        "test",
        "sample",
        "demo",
        "small",
        "part",
    ]
)
_STAMPS = ("id", "created_at", "updated_at", "version")
#: So many references beside their names are a sign of our own exports, where the stamps were taken out.
_OWN_PAIRS = 2
_UNKNOWN = "?"
_WHICH = (
    "Not recognised: an export of Trackline, but its headings fit several kinds of records. Name the file after what it "
    "holds (goals.csv), or choose it."
)
_SF_ID = re.compile(r"^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$")
_PEEK = 20


@dataclass(slots=True)
class Recognition:
    """The verdict on a table. `type` is empty where no record type fits, and `reason` says what is missing."""

    source: Source
    type: str = ""
    role: str = "records"
    obj: SourceObject | None = None
    reason: str = ""
    confidence: int = 0
    matches: Mapping[int, Match] = field(default_factory=dict)


TypesOf = Callable[[str], Mapping[str, TypeWords]]
"""The record types that files of a source may hold."""


def recognise_all(
    tables: Sequence[Table], types_of: TypesOf, forced_source: str, forced_types: Sequence[str]
) -> list[Recognition]:
    """Judge the tables of one import together: what one file proves about the source helps the others."""
    points = [{name: _source_points(table, source) for name, source in sources().items()} for table in tables]
    if forced_source and forced_source != "auto":
        chosen = [forced_source] * len(tables)
    else:
        votes = Counter(_strongest(each) for each in points if _strongest(each))
        common = votes.most_common(1)[0][0] if votes else ""
        chosen = [_strongest(each) or _lean(table, each, common) for table, each in zip(tables, points, strict=True)]
    return [
        _recognise(table, sources()[name], types_of(name), forced)
        for table, name, forced in zip(tables, chosen, forced_types, strict=True)
    ]


def _strongest(points: Mapping[str, int]) -> str:
    name = max(points, key=lambda each: points[each])
    return name if points[name] >= _SOURCE_POINTS else ""


def _lean(table: Table, points: Mapping[str, int], common: str) -> str:
    """A table that proves nothing itself belongs to the source of its neighbours if it looks like one of its objects."""
    if common and (points[common] > 0 or _named_object(table, sources()[common])):
        return common
    return "csv"


def _source_points(table: Table, source: Source) -> int:
    if not source.signs:
        return 0
    lowered = [heading.lower() for heading in table.headings]
    points = sum(source.signs.get(heading, 0) for heading in lowered)
    if any(heading.startswith(prefix) for prefix in source.prefixes for heading in lowered):
        points += 5
    if source.system == "salesforce":
        points += 3 * min(2, sum(heading.endswith(("__c", "__r")) for heading in lowered))
        points += 5 * bool(table.object_name and any(table.object_name == obj.name for obj in source.objects))
        points += 3 * bool(_id_type(table, source))
    if source.system == OWN:
        return _own_points(lowered)
    if source.system in table.file.lower():
        points += 2
    return points


def _id_type(table: Table, source: Source) -> str:
    """The type that the first ids of the `Id` column speak for."""
    position = next((i for i, heading in enumerate(table.headings) if squeeze(heading) == "id"), None)
    if position is None or not source.id_prefixes:
        return ""
    kinds = set()
    try:
        for row in itertools.islice(table.rows(), _PEEK):
            text = str(row.cells[position])
            if text:
                kinds.add(source.id_prefixes.get(text[:3], "") if _SF_ID.match(text) else "")
    except ReadProblem:
        return ""
    return kinds.pop() if len(kinds) == 1 else ""


def name_words(file: str) -> list[str]:
    """The telling words of a file's name."""
    base = file.rsplit("/", 1)[-1]
    base = re.sub(r"\.[A-Za-z]{2,5}$", "", base)
    return [word for word in words_of(base) if word not in _NOISE and not word.isdigit()]


def _named_object(table: Table, source: Source) -> SourceObject | None:
    """The object that a file or its content names outright."""
    names = {squeeze(table.object_name), "".join(name_words(table.file)), "".join(name_words(table.part))} - {""}
    headings = {key for heading in table.headings for key in source.keys(heading)}
    for obj in source.objects:
        if obj.names & names and obj.needs <= headings:
            return obj
    return None


def _recognise(table: Table, source: Source, types: Mapping[str, TypeWords], forced: str) -> Recognition:
    if forced == LEAVE_OUT:
        return Recognition(source, reason="Left out by hand.")
    named = _named_object(table, source)
    if not forced and source.system == OWN:
        forced = _exported(table, types) or _UNKNOWN
    if forced:
        return _as_type(table, source, types, forced, named)
    headings = {key for heading in table.headings for key in source.keys(heading)}
    if named is None:
        named = next((obj for obj in source.objects if obj.tells & headings), None)
    if named is not None and not named.type:
        if named.skip:
            return Recognition(source, reason=named.skip, obj=named)
        return Recognition(source, role=named.role, obj=named, confidence=95)
    if table.object_name and named is None and source.system == "salesforce":
        return Recognition(source, reason=f"Trackline has no place for {table.object_name} records.")
    candidates = _candidates(table, source, types, named)
    if not candidates:
        return Recognition(source, reason=_why_not(table, source, types))
    best = max(candidates, key=lambda each: each.confidence)
    if named is None and (reason := _called_otherwise(table, source, types, best)):
        return Recognition(source, reason=reason)
    best.confidence = min(99, 40 + 4 * best.confidence)
    return best


def _own_points(headings: Sequence[str]) -> int:
    """Ours are lists with `id` and both stamps, or with `id` and names beside ids (`account`, `account_name`)."""
    there = set(headings)
    stamped = {"created_at", "updated_at"} <= there
    named = sum(heading.endswith("_name") and heading.removesuffix("_name") in there for heading in there)
    return 9 if "id" in there and (stamped or named >= _OWN_PAIRS) else 0


def _exported(table: Table, types: Mapping[str, TypeWords]) -> str:
    """The record type of one of our exports: by the name of its file, sheet or list, else by its headings."""
    stem = re.sub(r"\.[A-Za-z]{2,5}$", "", table.file.rsplit("/", 1)[-1])
    for word in (table.part, table.object_name, stem):
        found = registry.find(word) if word else None
        found = found or next((each for each in registry.all() if word and squeeze(each.labels) == squeeze(word)), None)
        if found is not None and found.name in types and _fits(table, types[found.name]):
            return found.name
    fitting = [(_strangers(table, words), name) for name, words in types.items() if _fits(table, words)]
    fewest = min((strangers for strangers, _ in fitting), default=0)
    best = [name for strangers, name in fitting if strangers == fewest]
    return best[0] if len(best) == 1 else ""


def _strangers(table: Table, words: TypeWords) -> int:
    """How many headings a type's exports do not have."""
    return sum(_own_field(heading) not in words.fields for heading in table.headings)


def _fits(table: Table, words: TypeWords) -> bool:
    """Whether a table has fields of the type, and not many others."""
    strangers = _strangers(table, words)
    stamps = sum(heading in _STAMPS for heading in table.headings)
    return 2 * strangers < len(table.headings) and len(table.headings) - strangers > stamps


def _own_field(heading: str) -> str:
    """The field that a heading of our exports belongs to; ids and stamps count as the id's."""
    if heading in _STAMPS or heading.startswith(("custom.", "external_id")):
        return "external_id"
    return heading.removesuffix("_name").partition(".")[0]


def _as_type(
    table: Table, source: Source, types: Mapping[str, TypeWords], forced: str, named: SourceObject | None
) -> Recognition:
    if forced == _UNKNOWN:
        return Recognition(source, reason=_WHICH)
    if forced not in types:
        return Recognition(source, reason=f"“{forced}” is not a record type.")
    obj = named if named and named.type == forced else _object_of(source, forced)
    return Recognition(
        source, forced, "records", obj, "", 100, match_columns(table.headings, types[forced], source, obj)
    )


def _object_of(source: Source, type_name: str) -> SourceObject | None:
    return next((obj for obj in source.objects if obj.type == type_name), None)


def _candidates(
    table: Table, source: Source, types: Mapping[str, TypeWords], named: SourceObject | None
) -> list[Recognition]:
    by_id = _id_type(table, source)
    spoken = set(name_words(table.file)) | set(name_words(table.part)) | {squeeze(table.object_name)}
    spoken |= {first + second for first, second in itertools.pairwise(name_words(table.file))}
    found = []
    for name, words in types.items():
        objects: list[SourceObject | None] = [obj for obj in source.objects if obj.type == name] or [None]
        for obj in objects:
            matches = match_columns(table.headings, words, source, obj)
            points = score(table.headings, matches, words)
            if not points:
                continue
            is_named = bool(spoken & words.nouns) or (named is not None and named is obj)
            if words.named_only and not is_named:
                continue
            points += _NAME_BONUS * is_named + 6 * (named is not None and named is obj) + 6 * (by_id == name)
            points -= _foreign_id(table, words, matches)
            is_company = name == "account" and table.object_name == "" and _names_companies(table, matches)
            points += _FORM_BONUS * is_company
            sure = is_named or by_id == name or is_company or is_telling(table.headings, matches, words)
            if not sure:
                continue
            if points >= (_TYPE_POINTS_NAMED + _NAME_BONUS if is_named else _TYPE_POINTS):
                found.append(Recognition(source, name, "records", obj, "", points, matches))
    return found


def _names_companies(table: Table, matches: Mapping[int, Match]) -> bool:
    """Whether most of the first names end in the legal form of a company."""
    position = next((index for index, match in matches.items() if match.target.field == "name"), None)
    if position is None:
        return False
    try:
        names = [words_of(str(row.cells[position])) for row in itertools.islice(table.rows(), _PEEK)]
    except ReadProblem:
        return False
    said = [words for words in names if words]
    return bool(said) and 2 * sum(words[-1] in legal_forms() for words in said) > len(said)


def _foreign_id(table: Table, words: TypeWords, matches: Mapping[int, Match]) -> int:
    """Points against a type whose rows carry the id of something else in front (`churn_event_id`)."""
    first = words_of(table.headings[0]) if table.headings else []
    if len(first) < 2 or first[-1] != "id" or "".join(first[:-1]) in words.nouns or first[-2] in record_words():
        return 0
    target = matches[0].target if 0 in matches else None
    if target is not None and (target.field == "external_id" or target.by):
        return 0 if any(match.target.field == "external_id" for match in matches.values()) else 4
    return 12


def _called_otherwise(table: Table, source: Source, types: Mapping[str, TypeWords], best: Recognition) -> str:
    """What a file called after a register lacks, where its columns only look like something else (`Goals.csv`)."""
    spoken = set(name_words(table.file)) | set(name_words(table.part))
    if spoken & types[best.type].nouns:
        return ""
    called = (name for name, words in types.items() if words.named_only and spoken & words.nouns)
    return next((reason for name in called if (reason := _lacking(table, source, types, name))), "")


def _lacking(table: Table, source: Source, types: Mapping[str, TypeWords], name: str) -> str:
    """What a file lacks to be the thing that it is called."""
    matches = match_columns(table.headings, types[name], source, _object_of(source, name))
    fields = {match.target.field for match in matches.values()}
    missing = missing_needs(fields, types[name])
    if not missing or len(fields) < 2:
        return ""
    wanted = " or ".join(field_name.replace("_", " ") for field_name in missing[0])
    return f"Not recognised: it may hold {registry.get(name).labels.lower()}, but no column gives {wanted}. Map the columns by hand."


def _why_not(table: Table, source: Source, types: Mapping[str, TypeWords]) -> str:
    """What the file lacks to be the thing it is called, or looks most like."""
    spoken = set(name_words(table.file)) | set(name_words(table.part))
    for name, words in types.items():
        if spoken & words.nouns and (reason := _lacking(table, source, types, name)):
            return reason
    could = [
        words.label.lower() or f"{name.replace('_', ' ')}s"
        for name, words in types.items()
        if not words.named_only and score(table.headings, match_columns(table.headings, words, source, None), words)
    ]
    if len(could) > 1:
        return (
            f"Not recognised: these headings could be those of {', '.join(could[:-1])} or {could[-1]}. "
            "Choose which it is (`--as accounts`), or name the file after it (accounts.csv)."
        )
    return "Not recognised: the headings fit no kind of record. Map the columns by hand, or leave the file out."

"""Every record type as files speak of it: the vocabulary, and what record types say of themselves.

The types of the vocabulary have synonyms in several languages and are imported in bulk. All others, the registers, are known
by the names and labels of their fields and a few further words, and taken only where the file's name says so: their headings (`title`, `owner`, `due`) are
everybody's. Files that this product exported use the names of fields, whatever the type, and hold facts that only the
program writes elsewhere (when an action was done), so that a record comes back whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from trackline.connectors.profiles import (
    OWN,
    FieldWords,
    TypeWords,
    register_choices,
    register_headings,
    register_nouns,
    vocabulary,
)
from trackline.connectors.values.words import fold, squeeze
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.types import RecordType, registry

#: Made by the program, or meaningless without what stands beside them: files of other systems have nothing like it.
_NEVER = frozenset(
    {
        "alert",
        "pipeline",
        "stage",
        "journey_dimension",
        "playbook",
        "scoring_model",
        "account_plan",
        "plan_version",
        "plan_sign_off",
        "plan_suggestion",
        "review_freeze",
        "deck_template",
        "review_deck",
    }
)
_KINDS = {"time": "text", "object": ""}
_FURTHER = 200
"""The rank of a field's further words: its own name and label are preferred."""
_OWN_KINDS = {"time": "text"}


@cache
def known_types() -> Mapping[str, TypeWords]:
    """Record types that files of other systems may hold."""
    found = dict(vocabulary())
    for rtype in registry.all():
        if rtype.name not in found and rtype.name not in _NEVER:
            found[rtype.name] = words_of_type(rtype, named_only=True)
    return found


@cache
def own_types() -> Mapping[str, TypeWords]:
    """Record types as this product exports them."""
    return {rtype.name: words_of_type(rtype, own=True) for rtype in registry.all()}


def types_of(source: str) -> Mapping[str, TypeWords]:
    """The record types that files of a source may hold."""
    return own_types() if source == OWN else known_types()


def words_of_type(rtype: RecordType, *, named_only: bool = False, own: bool = False) -> TypeWords:
    """What a record type says of itself; with `own` all that our exports hold of it."""
    nouns = {squeeze(word) for word in (rtype.name, rtype.resource, rtype.label, rtype.labels)}
    known = vocabulary().get(rtype.name)
    nouns |= register_nouns(rtype.name) if named_only else set()
    fields = {"external_id": FieldWords("external_id", "external_id", headings={"id": (0, ""), "externalid": (1, "")})}
    for name, spec in rtype.specs.items():
        kind = (_OWN_KINDS if own else _KINDS).get(spec.kind, spec.kind)
        if kind and (not spec.read_only or (own and spec.kind != "object")):
            fields[name] = _field(rtype, spec, kind, nouns if named_only else set())
    fields |= {called: FieldWords(called, "object", label=called) for called in rtype.archived_as.values() if own}
    title = rtype.title if rtype.title in fields else ""
    needed = [
        (name,) for name, spec in rtype.specs.items() if spec.required and name in fields and name not in rtype.defaults
    ]
    if title and (title,) not in needed and not known:
        needed.append((title,))
    return TypeWords(
        name=rtype.name,
        nouns=frozenset(nouns | (set(known.nouns) if known else set())),
        needs=tuple(known.needs if known else needed),
        fields=fields,
        label=rtype.labels,
        named_only=named_only,
    )


def _field(rtype: RecordType, spec: FieldSpec, kind: str, nouns: set[str]) -> FieldWords:
    names = [spec.name, spec.label, *(alias for alias, name in rtype.aliases.items() if name == spec.name)]
    headings = {squeeze(name): (rank, "") for rank, name in enumerate(names)}
    if kind in ("ref", "refs"):
        headings[squeeze(f"{spec.name}_id")] = (100, "id")
    more, otherwise = register_choices(spec.name) if nouns and spec.choices else ({}, None)
    if nouns:
        headings = {**_further(rtype, spec, nouns), **headings}
    stored = {str(key) for key, _ in spec.choices}
    choices = {word: key for word, key in more.items() if key in stored}
    choices |= {fold(str(word)): key for key, label in spec.choices for word in (key, label)}
    known = vocabulary().get(rtype.name)
    if known and spec.name in known.fields:
        choices = {**known.fields[spec.name].choices, **choices}
    return FieldWords(
        name=spec.name,
        kind=kind,
        target=spec.target,
        mark=2 if spec.name == rtype.title else 1,
        headings=headings,
        choices=choices,
        otherwise=otherwise if otherwise in stored else None,
        label=spec.label,
    )


def _further(rtype: RecordType, spec: FieldSpec, nouns: set[str]) -> dict[str, tuple[int, str]]:
    """Further words for a field of a register: the noun for its title, what deals call accounts and people."""
    found = dict.fromkeys(register_headings(rtype.name, spec.name), (_FURTHER, ""))
    if spec.name == rtype.title:
        found |= dict.fromkeys(nouns, (_FURTHER, ""))
    alike = {"account": "account", "owner": "owner", "assignee": "owner"}.get(spec.name)
    if alike:
        words = vocabulary()["route"].fields[alike].headings
        found |= {heading: (_FURTHER + rank, by) for heading, (rank, by) in words.items()}
    return found

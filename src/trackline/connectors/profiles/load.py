"""Load the vocabulary and the profiles of source systems from their data files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from trackline.connectors.values.data import read_data
from trackline.connectors.values.words import fold, squeeze

_HERE = Path(__file__).parent
_PROOF = 3
"""What a heading is worth as evidence for a type that hardly any other type has."""
OWN = "trackline"
"""The source of files that this product exported: all headings are its own."""
SYSTEMS = ("salesforce", "hubspot", "pipedrive", "zoho", "dynamics")
"""The systems with a profile of their own."""
SKIP = "skip"
CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column goes: a field of the record type, by which key of the referenced record where it is a reference.

    `by` is "" for the reference's name (or whatever the text turns out to be), "id", "email" or "domain".
    """

    field: str
    by: str = ""

    @classmethod
    def parse(cls, text: str) -> Target:
        """Read `account#id`."""
        name, _, by = text.partition("#")
        return cls(name, by)

    def __str__(self) -> str:
        return f"{self.field}#{self.by}" if self.by else self.field


@dataclass(frozen=True, slots=True)
class FieldWords:
    """What a field of a record type is made of and called in files."""

    name: str
    kind: str
    target: str = ""
    mark: int = 1
    #: Value taken where a word of a choice is not known; `None` rejects the row.
    otherwise: str | None = None
    #: The value is kept as a custom field too, because a rule may overwrite it.
    keep: bool = False
    #: Squeezed heading → (preference, variant); lower preference wins.
    headings: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    #: Words for each choice, folded → stored key.
    choices: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True, slots=True)
class TypeWords:
    """A record type as files speak of it."""

    name: str
    nouns: frozenset[str]
    needs: tuple[tuple[str, ...], ...]
    fields: Mapping[str, FieldWords]
    #: Headings without a field here that still speak for the type.
    speaks: Mapping[str, int] = field(default_factory=dict)
    label: str = ""
    #: Recognised by the file's name alone, since its headings are everybody's.
    named_only: bool = False
    by_heading: Mapping[str, list[tuple[int, int, Target]]] = field(init=False, repr=False, compare=False)
    """What a heading may mean: the place of the field among those of the type, the heading's among those of the field."""

    def __post_init__(self) -> None:
        found: dict[str, list[tuple[int, int, Target]]] = {}
        for order, (name, facts) in enumerate(self.fields.items()):
            for form, (preference, by) in facts.headings.items():
                found.setdefault(form, []).append((order, preference, Target(name, by)))
        object.__setattr__(self, "by_heading", found)


@dataclass(frozen=True, slots=True)
class SourceObject:
    """One object of a source system: the record type it becomes, or the reason why it is left out."""

    name: str
    names: frozenset[str]
    type: str = ""
    role: str = ""
    skip: str = ""
    fields: Mapping[str, Target] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    #: Headings that only this object has; one is enough.
    tells: frozenset[str] = frozenset()
    link: Mapping[str, Any] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    pipelines: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    only_reason: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    keep_custom: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """A system that exports come from."""

    system: str
    label: str
    objects: tuple[SourceObject, ...] = ()
    #: Headings in lower case that speak for the system → how strongly.
    signs: Mapping[str, int] = field(default_factory=dict)
    skip: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    id_prefixes: Mapping[str, str] = field(default_factory=dict)
    #: Squeezed heading → what the system's own pages call it.
    labels: Mapping[str, str] = field(default_factory=dict)
    #: Probabilities are written as parts of one.
    probability_is_share: bool = False
    epoch_dates: bool = False
    list_separator: str = ""

    def keys(self, heading: str) -> Iterator[str]:
        """The squeezed forms of a heading, with and without the system's own prefix."""
        yield squeeze(heading)
        for prefix in self.prefixes:
            if heading.lower().startswith(prefix):
                yield squeeze(heading[len(prefix) :])


@cache
def _yaml(name: str) -> Any:
    return read_data(_HERE / name)


@cache
def _choice_words() -> dict[str, dict[str, Any]]:
    return {
        path: {fold(str(word)): key for key, words in options.items() for word in [str(key), *words]}
        for path, options in _yaml("choices.yaml").items()
    }


@cache
def everyday() -> Mapping[str, int]:
    """Squeezed headings that any list may have → the most that one of them is worth as evidence for a type."""
    listed = _yaml("everyday.yaml")["headings"]
    return {squeeze(heading): worth for worth, headings in listed.items() for heading in headings}


@cache
def register_nouns(record_type: str) -> frozenset[str]:
    """What a register is called in names of files, and its title in headings."""
    nouns = _yaml("registers.yaml").get(record_type, {}).get("nouns", ())
    return frozenset(form for noun in nouns for form in _forms(squeeze(noun)))


@cache
def register_headings(record_type: str, field_name: str) -> tuple[str, ...]:
    """Squeezed headings of a register's field, beside its name and label."""
    data = _yaml("registers.yaml")
    own = data.get(record_type, {}).get("fields", {}).get(field_name, ())
    return tuple(squeeze(heading) for heading in (*own, *data["every"].get(field_name, ())))


@cache
def register_choices(field_name: str) -> tuple[Mapping[str, str], str | None]:
    """Folded words for the choices of a field that registers share, and the choice that stands for all others."""
    data = _yaml("registers.yaml")
    words = {fold(str(word)): key for key, words in data["choices"].get(field_name, {}).items() for word in words}
    return words, data["otherwise"].get(field_name)


@cache
def record_words() -> frozenset[str]:
    """What a record of any kind is called in the heading of its id (`Record ID`, `Datensatz-ID`)."""
    return frozenset(_yaml("everyday.yaml")["record_words"])


@cache
def vocabulary() -> Mapping[str, TypeWords]:
    """All record types that files are recognised as, in the order in which they are imported."""
    return {name: _type(name, data) for name, data in _yaml("vocabulary.yaml").items()}


def _type(name: str, data: Mapping[str, Any]) -> TypeWords:
    return TypeWords(
        name=name,
        nouns=frozenset(form for noun in data["nouns"] for form in _forms(squeeze(noun))),
        needs=tuple(tuple(group) for group in data["needs"]),
        fields={field_name: _field(name, field_name, facts) for field_name, facts in data["fields"].items()},
        speaks={squeeze(heading): 1 for heading in data.get("speaks", [])}
        | {squeeze(heading): _PROOF for heading in data.get("proves", [])},
    )


def _forms(noun: str) -> tuple[str, ...]:
    """A noun and its English plural."""
    return (noun, noun + "s", noun[:-1] + "ies") if noun.endswith("y") else (noun, noun + "s")


def _field(type_name: str, name: str, facts: Mapping[str, Any]) -> FieldWords:
    headings: dict[str, tuple[int, str]] = {}
    # Ids find a record most surely, then addresses, then names; that is also the order of preference.
    for base, (group, by) in enumerate((("ids", "id"), ("emails", "email"), ("domains", "domain"), ("headings", ""))):
        for rank, heading in enumerate(facts.get(group, [])):
            headings.setdefault(squeeze(str(heading)), (100 * base + rank, by))
    return FieldWords(
        name=name,
        kind=facts["kind"],
        target=facts.get("target", ""),
        mark=facts.get("mark", 1),
        otherwise=facts.get("otherwise"),
        keep=facts.get("keep", False),
        headings=headings,
        choices=_choice_words().get(f"{type_name}.{name}", {}),
    )


@cache
def sources() -> Mapping[str, Source]:
    """The systems with a profile of their own, our own exports, and `csv` for everything else."""
    found = {name: _source(_yaml(f"{name}.yaml")) for name in (*SYSTEMS, OWN)}
    return {**found, "csv": Source("csv", "CSV")}


def _source(data: Mapping[str, Any]) -> Source:
    abroad = {squeeze(str(heading)): words for heading, words in data.get("abroad", {}).items()}
    return Source(
        system=data["system"],
        label=data["label"],
        objects=tuple(_object(name, facts, abroad) for name, facts in data["objects"].items()),
        signs={str(sign): int(weight) for weight, signs in data["signs"].items() for sign in signs},
        skip=frozenset(form for heading in data["skip"] for form in _called(str(heading), abroad)),
        deleted=frozenset(squeeze(str(heading)) for heading in data["deleted"]),
        labels={squeeze(label): label for label in data.get("labels", [])},
        prefixes=tuple(data.get("prefixes", ())),
        id_prefixes=data.get("id_prefixes", {}),
        probability_is_share=data.get("probability") == "share",
        epoch_dates=data.get("epoch_dates", False),
        list_separator=data.get("list_separator", ""),
    )


def _called(heading: str, abroad: Mapping[str, list[str]]) -> Iterator[str]:
    """The squeezed forms of a heading: as the profile has it, and in the other languages that its system speaks."""
    yield squeeze(heading)
    for word in abroad.get(squeeze(heading), ()):
        yield squeeze(word)


def _object(name: str, facts: Mapping[str, Any], abroad: Mapping[str, list[str]]) -> SourceObject:
    names = {squeeze(word) for word in [name, name + "s", *facts.get("names", [])]}
    if name.endswith("y"):
        names.add(squeeze(name[:-1] + "ies"))
    return SourceObject(
        name=name,
        names=frozenset(names),
        type=facts.get("type", ""),
        role=facts.get("role", ""),
        skip=facts.get("skip", ""),
        fields={
            form: Target.parse(str(target))
            for heading, target in facts.get("fields", {}).items()
            for form in _called(str(heading), abroad)
        },
        needs=frozenset(squeeze(need) for need in facts.get("needs", [])),
        tells=frozenset(squeeze(heading) for heading in facts.get("tells", [])),
        link=facts.get("link", {}),
        stages=facts.get("stages", {}),
        pipelines=facts.get("pipelines", {}),
        only={
            squeeze(heading): frozenset(squeeze(word) for word in words)
            for heading, words in facts.get("only", {}).items()
        },
        only_reason=facts.get("only_reason", ""),
        defaults=facts.get("defaults", {}),
        keep_custom=facts.get("keep_custom", True),
    )

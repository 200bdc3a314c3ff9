"""The OpenAPI document as its page shows it: one group of operations at a time, each with a form that tries it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
ADDRESS = "/api/v1/docs"
SECTIONS = {
    "book": "The book",
    "track": "Track",
    "reveal": "Reveal",
    "align": "Align",
    "choose": "Choose",
    "kickoff": "Kickoff",
    "watch": "Watch",
    "documents": "Documents",
}


@dataclass(frozen=True)
class Entry:
    """A group in the list at the left."""

    tag: str
    slug: str

    @property
    def address(self) -> str:
        """Return where its operations stand."""
        return f"{ADDRESS}/{self.slug}"


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body."""

    name: str
    kind: str
    needed: bool
    words: str


@dataclass(frozen=True)
class Answer:
    """What comes back with a status."""

    status: str
    words: str
    example: str


@dataclass(frozen=True)
class Operation:
    """One method of one address, ready to be shown and tried."""

    key: str
    method: str
    path: str
    title: str
    words: str
    permission: str
    path_fields: list[Field]
    query: list[Field]
    headers: list[Field]
    body: list[Field]
    example: str
    answers: list[Answer]


def slug_of(tag: str) -> str:
    """Return the word for a group in an address."""
    return tag.lower().replace(" ", "-")


def menu(document: Mapping[str, Any], sections: Mapping[str, str]) -> list[tuple[str, list[Entry]]]:
    """Return the groups under their headings; `sections` says where a tag belongs, the rest stands last."""
    found: dict[str, list[Entry]] = {label: [] for label in SECTIONS.values()}
    for tag in tags(document):
        label = SECTIONS.get(sections.get(tag, ""), "Beyond records")
        found.setdefault(label, []).append(Entry(tag, slug_of(tag)))
    return [(label, entries) for label, entries in found.items() if entries]


def tags(document: Mapping[str, Any]) -> list[str]:
    """Return all groups, those with a description first."""
    named = [tag["name"] for tag in document["tags"]]
    used = [tag for methods in document["paths"].values() for item in methods.values() for tag in item["tags"]]
    return list(dict.fromkeys([*(tag for tag in named if tag in used), *used]))


def operations(document: Mapping[str, Any], tag: str) -> list[Operation]:
    """Return the operations of a group, those of a whole list before those of one record."""
    found = [
        _operation(document, path, method, methods[method])
        for path, methods in document["paths"].items()
        for method in METHODS
        if method in methods and tag in methods[method]["tags"]
    ]
    return sorted(found, key=lambda item: item.path.count("/"))


def _operation(document: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any]) -> Operation:
    places: dict[str, list[Field]] = {"path": [], "query": [], "header": []}
    for found in item["parameters"]:
        field = Field(found["name"], _kind(found["schema"]), bool(found.get("required")), found.get("description", ""))
        places[found["in"]].append(field)
    content = item.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Operation(
        key=item["operationId"],
        method=method.upper(),
        path=path,
        title=item["summary"],
        words=item.get("description", "").partition("Needs `")[0].strip(),  # shown beside the title
        permission=item.get("x-permission", ""),
        path_fields=places["path"],
        query=places["query"],
        headers=places["header"],
        body=_body(document, content.get("schema", {})),
        example=_pretty(content["example"]) if content.get("example") is not None else "",
        answers=[_answer(document, str(status), found) for status, found in sorted(item["responses"].items(), key=str)],
    )


def _answer(document: Mapping[str, Any], status: str, found: Mapping[str, Any]) -> Answer:
    found = _resolved(document, found)
    contents = list(found.get("content", {}).values())
    example = contents[0].get("example") if contents and status < "300" else None
    return Answer(status, found["description"], _pretty(example) if example is not None else "")


def _body(document: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Field]:
    schema = _resolved(document, schema)
    needed = schema.get("required", ())
    return [
        Field(name, _kind(details), name in needed, details.get("description") or details.get("title", ""))
        for name, details in schema.get("properties", {}).items()
    ]


def _resolved(document: Mapping[str, Any], found: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in found:
        return found
    target: Any = document
    for step in found["$ref"].removeprefix("#/").split("/"):
        target = target[step]
    resolved: Mapping[str, Any] = target
    return resolved


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"] if value is not None)
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[1])
    kind = schema.get("type", "any")
    words = [word for word in kind if word != "null"] if isinstance(kind, list) else [str(kind)]
    if "items" in schema:
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("format") or " or ".join(words))


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

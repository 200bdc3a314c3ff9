"""OpenAPI schemas and operations of record types, derived from their fields."""

from __future__ import annotations

from typing import Any

from trackline.delivery.api import examples
from trackline.kit.api.describe import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    operation,
    parameter,
    ref,
    returns,
)
from trackline.kit.policy import READ
from trackline.kit.records.fields import FieldSpec
from trackline.kit.records.ordering import WORDS
from trackline.kit.records.queries import DEFAULT_LIMIT, MAX_LIMIT
from trackline.kit.records.types import RecordType

Json = dict[str, Any]

_TYPES: dict[str, Json] = {
    "text": {"type": "string"},
    "longtext": {"type": "string"},
    "email": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "money": {"type": "number"},
    "percent": {"type": "number"},
    "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    # Not the format "time", which asks for an offset: this is the time of day where the meeting is.
    "time": {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d(\.\d+)?)?$"},
    "boolean": {"type": "boolean"},
    "picklist": {"type": "string"},
    "ref": {"type": "string"},
    "refs": {"type": "array", "items": {"type": "string"}},
    "tags": {"type": "array", "items": {"type": "string"}},
    "object": {"type": ["object", "array"]},
}
_COMPARED = ("integer", "decimal", "money", "percent", "date", "datetime")
COMMON_LIST = (
    parameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}, "How many."),
    parameter("cursor", {"type": "string"}, "`next` of the page before."),
)


def component_names(rtype: RecordType) -> tuple[str, str, str]:
    """Return the names of the schemas of a record, of what makes one and of what changes one."""
    name = "".join(part.capitalize() for part in rtype.name.split("_"))
    return name, f"{name}Create", f"{name}Update"


def components(rtype: RecordType) -> Json:
    """Return the schemas of a record type by name."""
    shown, made, changed = component_names(rtype)
    writable = {name: spec for name, spec in rtype.specs.items() if not spec.read_only}
    extra = {
        "custom": {"type": "object", "description": "Values of custom fields by key.", "additionalProperties": True},
        "external_ids": {
            "type": "object",
            "description": "Ids in other systems, by system.",
            "additionalProperties": {"type": ["string", "null"], "maxLength": 200},
        },
    }
    needed = [name for name, spec in writable.items() if spec.required and name not in rtype.completed]
    fixed = set(rtype.fixed)
    return {
        shown: _shown(rtype),
        made: {
            "type": "object",
            "description": rtype.about,
            "properties": {name: _taken(spec) for name, spec in writable.items()} | extra,
            "required": needed,
            "additionalProperties": False,
        },
        changed: {
            "type": "object",
            "description": "The fields to change; what is not named stays.",
            "properties": {name: _taken(spec) for name, spec in writable.items() if name not in fixed} | extra,
            "additionalProperties": False,
        },
    }


def _shown(rtype: RecordType) -> Json:
    base: Json = {
        "id": {"type": "string", "readOnly": True, "description": "Opaque."},
        "created_at": {"type": "string", "format": "date-time", "readOnly": True},
        "updated_at": {"type": "string", "format": "date-time", "readOnly": True},
        "version": {"type": "integer", "readOnly": True, "description": "Grows by one with each change."},
    }
    properties = base | {name: _given(spec) for name, spec in rtype.specs.items()}
    properties["custom"] = {"type": "object", "description": "Values of custom fields by key."}
    properties["external_ids"] = {"type": "object", "additionalProperties": {"type": "string"}}
    properties |= {name: dict(schema) for name, schema in rtype.extra_schema.items()}
    return {
        "type": "object",
        "description": rtype.about,
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def _given(spec: FieldSpec) -> Json:
    """The schema of a value as the API shows it."""
    shown_as_null = spec.kind in WORDS and spec.blank and not spec.required and spec.default is None
    out = _bare(spec, empty=spec.nullable or shown_as_null)
    if spec.read_only:
        out["readOnly"] = True
    return out


def _taken(spec: FieldSpec) -> Json:
    """The schema of a value as the API takes it."""
    out = _bare(spec, empty=spec.takes_null)
    if spec.required and spec.kind in ("text", "longtext"):
        out["minLength"] = 1
    for bound, limit in (("minimum", spec.minimum), ("maximum", spec.maximum)):
        if limit is not None and spec.kind != "choice":
            out[bound] = int(limit) if limit == int(limit) else float(limit)
    if spec.max_length and spec.kind != "choice":
        out["maxLength"] = spec.max_length
    if spec.default is not None and spec.default != "":
        out["default"] = spec.default
    return out


def _bare(spec: FieldSpec, *, empty: bool) -> Json:
    if spec.kind == "choice":
        values = [key for key, _ in spec.choices]
        types = ["integer" if isinstance(values[0], int) else "string"] + (["null"] if empty else [])
        out: Json = {"type": types if empty else types[0], "enum": [*values, *([None] if empty else [])]}
    else:
        out = dict(_TYPES[spec.kind])
        if empty:
            own = out["type"]
            out["type"] = [*(own if isinstance(own, list) else [own]), "null"]
    out["title"] = spec.label
    if words := _words(spec):
        out["description"] = words
    return out


def _words(spec: FieldSpec) -> str:
    parts = [spec.help] if spec.help else []
    if spec.kind in ("ref", "refs"):
        noun = spec.target.replace("_", " ")
        parts.append(f"{'Ids' if spec.many else 'Id'} of {noun}s." if spec.many else f"Id of the {noun}.")
        if spec.by_key:
            parts.append("Its key is taken too." if not spec.many else "Keys are taken too.")
    elif spec.kind == "money":
        parts.append("In the record's currency, at most two decimals.")
    elif spec.kind == "percent":
        parts.append("Percentage points.")
    elif spec.kind == "picklist":
        parts.append("A word of the list that administrators keep; a new one is accepted.")
    return " ".join(parts)


# -- operations ----------------------------------------------------------------------------------------------------


def list_operation(rtype: RecordType) -> Json:
    """Describe the list of a record type."""
    noun = rtype.labels.lower()
    shown = component_names(rtype)[0]
    schema = {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": ref(shown)},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page."},
        },
        "required": ["items", "next"],
    }
    return operation(
        f"list_{_plural(rtype)}",
        f"List {noun}",
        tag=rtype.labels,
        permission=READ,
        description=f"{rtype.about} Every field is a filter: `?field=value`, several values with commas, `null` for "
        "none, `__not`, `__contains`, and `__gte`, `__gt`, `__lte`, `__lt` for numbers and dates; custom fields as "
        "`custom.key`, ids of other systems as `external_ids.system`.",
        parameters=[*COMMON_LIST, *_list_parameters(rtype)],
        answers={200: returns(f"A page of {noun}.", schema, {"items": [examples.record_of(rtype)], "next": None})},
    )


def create_operation(rtype: RecordType) -> Json:
    """Describe the making of a record."""
    shown, made, _ = component_names(rtype)
    return operation(
        f"create_{rtype.name}",
        f"Create {_a(rtype)}",
        tag=rtype.labels,
        permission=rtype.write_permission,
        parameters=[IDEMPOTENCY_KEY],
        body=ref(made),
        example=examples.body_of(rtype),
        answers={
            201: returns(
                "Made.",
                ref(shown),
                examples.record_of(rtype),
                Location="Address of the record.",
                ETag="Its version.",
            )
        },
        problems=(409,),
    )


def get_operation(rtype: RecordType) -> Json:
    """Describe the reading of a record."""
    shown = component_names(rtype)[0]
    by_key = f" The {rtype.lookup} is taken in place of the id." if rtype.lookup else ""
    return operation(
        f"get_{rtype.name}",
        f"Get {_a(rtype)}",
        tag=rtype.labels,
        permission=READ,
        description=f"{rtype.about}{by_key}",
        parameters=[IF_NONE_MATCH],
        answers={
            200: returns("The record.", ref(shown), examples.record_of(rtype), ETag="Its version."),
            304: returns("Nothing has changed."),
        },
        problems=(404,),
    )


def update_operation(rtype: RecordType) -> Json:
    """Describe the changing of a record."""
    shown, _, changed = component_names(rtype)
    return operation(
        f"update_{rtype.name}",
        f"Change {_a(rtype)}",
        tag=rtype.labels,
        permission=rtype.write_permission,
        parameters=[IF_MATCH],
        body=ref(changed),
        example=examples.change_of(rtype),
        answers={200: returns("Changed.", ref(shown), examples.record_of(rtype), ETag="Its new version.")},
        problems=(404, 409, 412),
    )


def delete_operation(rtype: RecordType) -> Json:
    """Describe the deletion of a record."""
    return operation(
        f"delete_{rtype.name}",
        f"Delete {_a(rtype)}",
        tag=rtype.labels,
        permission=rtype.write_permission,
        description="What belongs to it goes along; restoring it brings all back.",
        parameters=[IF_MATCH],
        answers={204: returns("Deleted.")},
        problems=(404, 409, 412),
    )


def history_operation(rtype: RecordType) -> Json:
    """Describe the history of a record."""
    return operation(
        f"list_{rtype.name}_history",
        f"History of {_a(rtype)}",
        tag=rtype.labels,
        permission=READ,
        description="Who changed what, when and through what, newest first; of deleted records too.",
        parameters=COMMON_LIST,
        answers={200: returns("A page of changes.", ref("ChangePage"), {"items": [CHANGE], "next": None})},
        problems=(404,),
    )


def restore_operation(rtype: RecordType) -> Json:
    """Describe the restoring of a record."""
    return operation(
        f"restore_{rtype.name}",
        f"Restore {_a(rtype)}",
        tag=rtype.labels,
        permission=rtype.write_permission,
        description="Brings a deleted record back with all that went along. A living record stays as it is.",
        answers={200: returns("Back.", ref(component_names(rtype)[0]), examples.record_of(rtype), ETag="Its version.")},
        problems=(404, 409),
    )


CHANGE: Json = {
    "id": "1207",
    "at": examples.MADE,
    "by": {"id": "7", "name": "Katrin Vogel"},
    "via": "web",
    "action": "update",
    "record": {"type": "account", "resource": "accounts", "id": examples.ID, "title": "Okada Brandt Mobility"},
    "version": 2,
    "note": "",
    "batch": None,
    "changes": [{"field": "tier", "from": 2, "to": 1}],
}


def _list_parameters(rtype: RecordType) -> list[Json]:
    text = {"type": "string"}
    found = [
        parameter("q", text, f"Words that {', '.join(rtype.search)} hold." if rtype.search else "Words to look for."),
        parameter("order", text, f"Fields with commas, `-` for descending. Default: `{rtype.order}`."),
        parameter("deleted", {"type": "string", "enum": ["only"]}, "Deleted records, for restoring them."),
    ]
    for name, spec in rtype.specs.items():
        if spec.kind == "object":
            continue
        words = ", ".join(str(key) for key, _ in spec.choices) or spec.label
        found.append(parameter(name, text, f"{words}."))
        if spec.kind in _COMPARED:
            found += [parameter(f"{name}__{bound}", text, f"{spec.label}, {way}.") for bound, way in _BOUNDS]
    return found


_BOUNDS = (("gte", "from"), ("lte", "to"))


def _plural(rtype: RecordType) -> str:
    return rtype.resource.replace("-", "_")


def _a(rtype: RecordType) -> str:
    noun = rtype.label if rtype.label.isupper() else rtype.label.lower()
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"

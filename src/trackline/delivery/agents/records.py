"""Tools that read and write records of every type."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from trackline.delivery.api import schemas
from trackline.kit.history.queries import history_page
from trackline.kit.policy import Context
from trackline.kit.problems import Stale
from trackline.kit.records import own, services
from trackline.kit.records.queries import ListParams, get_json, list_page, resolve, stored_json
from trackline.kit.records.types import registry

from .session import type_of

RecordTypeName = Annotated[str, Field(description="A record type, such as goal or pain_point; describe lists them.")]
Id = Annotated[str, Field(description="The record's id; of an account also its key.")]
Fields = Annotated[dict[str, Any], Field(description="Values by field, as describe tells them.")]


def describe(
    ctx: Context,
    record_type: Annotated[str, Field(description="A record type; left out, all are listed.")] = "",
) -> dict[str, Any]:
    """What record types there are, or the fields of one: as JSON Schema of what is shown, and of what makes and changes one.
    Every field shown is also a filter."""
    if not record_type:
        return {
            "items": [
                {"record_type": rtype.name, "about": rtype.about, "of_account": not rtype.is_account}
                for rtype in registry.all()
            ]
        }
    rtype = type_of(record_type)
    shown, made, changed = schemas.component_names(rtype)
    known = schemas.components(rtype)
    return {
        "record_type": rtype.name,
        "shown": known[shown],
        "create": known[made],
        "change": known[changed],
        "orders": sorted(rtype.specs),
    }


def records(
    ctx: Context,
    record_type: RecordTypeName,
    filters: Annotated[
        dict[str, str] | None,
        Field(description='Field to value, such as {"account": "nordwind", "state": "open"}; lt and gt as in the API.'),
    ] = None,
    words: Annotated[str, Field(description="Only records that hold these words.")] = "",
    order: Annotated[str, Field(description="A field; with - before it, the largest first.")] = "",
    limit: Annotated[int, Field(ge=1, le=200)] = 50,
    cursor: Annotated[str, Field(description="`next` of the page before.")] = "",
) -> dict[str, Any]:
    """A list of records, a page at a time."""
    params = ListParams(filters or {}, words, order, cursor, limit)
    page = list_page(ctx, type_of(record_type), params)
    return {"items": page.items, "next": page.next}


def record(ctx: Context, record_type: RecordTypeName, id: Id) -> dict[str, Any]:  # noqa: A002  (the name in the API)
    """One record with all its fields."""
    return get_json(ctx, type_of(record_type), id)


def history(
    ctx: Context,
    record_type: RecordTypeName,
    id: Id,  # noqa: A002
    limit: Annotated[int, Field(ge=1, le=200)] = 20,
    cursor: Annotated[str, Field(description="`next` of the page before.")] = "",
) -> dict[str, Any]:
    """Every change of a record, newest first: who, when, through which channel, from what to what."""
    rtype = type_of(record_type)
    page = history_page(ctx, rtype, resolve(ctx, rtype, id, deleted=True), limit, cursor)
    return {"items": page.items, "next": page.next}


def create(ctx: Context, record_type: RecordTypeName, fields: Fields) -> dict[str, Any]:
    """Make a record. A play with a playbook and an anchor date gets the playbook's dated steps."""
    rtype = type_of(record_type)
    ctx.require(rtype.write_permission)
    made = services.create(ctx, rtype, fields, parse="json")
    return stored_json(ctx, rtype, made.pk)


def change(
    ctx: Context,
    record_type: RecordTypeName,
    id: Id,  # noqa: A002
    fields: Fields,
    version: Annotated[
        int, Field(ge=1, description="The version that was read: a change by somebody else in between is refused.")
    ],
) -> dict[str, Any]:
    """Change fields of a record; what is not named stays."""
    rtype = type_of(record_type)
    own.require_writer(ctx, rtype)
    pk = resolve(ctx, rtype, id)
    try:
        services.update(ctx, rtype, pk, fields, expected_version=version, parse="json")
    except Stale as stale:
        stale.detail = f"{stale.detail} It is now version {stored_json(ctx, rtype, pk)['version']}: read it again."
        raise
    return stored_json(ctx, rtype, pk)


def remove(
    ctx: Context,
    record_type: RecordTypeName,
    id: Id,  # noqa: A002
    version: Annotated[int, Field(ge=1, description="The version that was read.")],
) -> dict[str, Any]:
    """Delete a record; restore takes it back."""
    rtype = type_of(record_type)
    ctx.require(rtype.write_permission)
    pk = resolve(ctx, rtype, id)
    services.delete(ctx, rtype, pk, expected_version=version)
    return {"removed": {"record_type": rtype.name, "id": str(pk)}}


def restore(ctx: Context, record_type: RecordTypeName, id: Id) -> dict[str, Any]:  # noqa: A002
    """Take a deleted record back."""
    rtype = type_of(record_type)
    ctx.require(rtype.write_permission)
    return stored_json(ctx, rtype, services.restore(ctx, rtype, id).pk)

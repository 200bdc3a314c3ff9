"""The endpoints of every record type, made from its declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.delivery.api import schemas
from trackline.kit.api.answers import answer, answer_bytes, encode, etag, nothing, version_in
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, etags_of, query_of
from trackline.kit.history.queries import history_page
from trackline.kit.policy import Context
from trackline.kit.problems import BadRequest, Stale
from trackline.kit.records import own, services
from trackline.kit.records.queries import ListParams, get_json, list_page, resolve, stored_json
from trackline.kit.records.types import RecordType

View = Callable[..., HttpResponse]

CACHING = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}


def add_endpoints(router: Router, rtype: RecordType) -> None:
    """Add list, create, get, change, delete, history and restore of a record type."""
    many, one = f"/{rtype.resource}", f"/{rtype.resource}/{{id}}"
    router.add_api_operation(many, ["GET"], _list(rtype), **schemas.list_operation(rtype))
    router.add_api_operation(many, ["POST"], _create(rtype), **schemas.create_operation(rtype))
    router.add_api_operation(one, ["GET"], _get(rtype), **schemas.get_operation(rtype))
    router.add_api_operation(one, ["PATCH"], _update(rtype), **schemas.update_operation(rtype))
    router.add_api_operation(one, ["DELETE"], _delete(rtype), **schemas.delete_operation(rtype))
    router.add_api_operation(f"{one}/history", ["GET"], _history(rtype), **schemas.history_operation(rtype))
    router.add_api_operation(f"{one}/restore", ["POST"], _restore(rtype), **schemas.restore_operation(rtype))


def _list(rtype: RecordType) -> View:
    def list_records(request: HttpRequest) -> HttpResponse:
        page = list_page(context_of(request), rtype, ListParams.of(query_of(request)))
        return answer({"items": page.items, "next": page.next}, headers=CACHING)

    return list_records


def _create(rtype: RecordType) -> View:
    def create_record(request: HttpRequest) -> HttpResponse:
        ctx = context_of(request)
        ctx.require(rtype.write_permission)
        body = body_of(request)
        return once(
            request,
            ctx,
            body,
            lambda: _created(request, ctx, rtype, body),
            recheck=lambda headers: resolve(ctx, rtype, headers["Location"].rsplit("/", 1)[-1], deleted=True),
        )

    return create_record


def _created(request: HttpRequest, ctx: Context, rtype: RecordType, body: Mapping[str, Any]) -> HttpResponse:
    record = services.create(ctx, rtype, body, parse="json")
    return representation(ctx, rtype, record.pk, 201, {"Location": f"{request.path}/{record.pk}"})


def _get(rtype: RecordType) -> View:
    def get_record(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
        found = get_json(context_of(request), rtype, id)
        body = encode(found)
        tag = etag(found["version"], body)
        known = etags_of(request, "If-None-Match")
        if known and (tag.strip('"') in known or "*" in known):
            response = nothing()
            response.status_code = 304
            response.headers["ETag"] = tag
            return response
        return answer_bytes(body, headers={"ETag": tag, **CACHING})

    return get_record


def _update(rtype: RecordType) -> View:
    def update_record(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
        ctx = context_of(request)
        own.require_writer(ctx, rtype)
        body = body_of(request)
        pk = resolve(ctx, rtype, id)
        expected = expected_version(request, rtype, pk)
        try:
            services.update(ctx, rtype, pk, body, expected_version=expected, parse="json")
        except Stale as stale:
            raise _with_current(ctx, rtype, pk, stale) from None
        return representation(ctx, rtype, pk)

    return update_record


def _delete(rtype: RecordType) -> View:
    def delete_record(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
        ctx = context_of(request)
        ctx.require(rtype.write_permission)
        pk = resolve(ctx, rtype, id)
        try:
            services.delete(ctx, rtype, pk, expected_version=expected_version(request, rtype, pk))
        except Stale as stale:
            raise _with_current(ctx, rtype, pk, stale) from None
        return nothing()

    return delete_record


def _history(rtype: RecordType) -> View:
    def record_history(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
        ctx = context_of(request)
        params = ListParams.of(query_of(request))
        if params.filters or params.q or params.order:
            name = next(iter(params.filters), "q" if params.q else "order")
            raise BadRequest(f"{name}: a history takes limit and cursor only.", [{"loc": ["query", name], "msg": "?"}])
        page = history_page(ctx, rtype, resolve(ctx, rtype, id, deleted=True), params.limit, params.cursor)
        return answer({"items": page.items, "next": page.next}, headers=CACHING)

    return record_history


def _restore(rtype: RecordType) -> View:
    def restore_record(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
        ctx = context_of(request)
        ctx.require(rtype.write_permission)
        record = services.restore(ctx, rtype, id)
        return representation(ctx, rtype, record.pk)

    return restore_record


def representation(
    ctx: Context, rtype: RecordType, pk: int, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return a record just written, as it is stored, with its ETag; the writer sees it even out of scope."""
    found = stored_json(ctx, rtype, pk)
    body = encode(found)
    return answer_bytes(body, status, {"ETag": etag(found["version"], body), **(headers or {})})


def expected_version(request: HttpRequest, rtype: RecordType, pk: int) -> int | None:
    """Return the version that `If-Match` asks for, None where it asks for none; 0, which no record has, for a foreign tag."""
    tags = etags_of(request, "If-Match")
    if tags is None or tags == ["*"]:
        return None
    versions = [version_in(tag) or 0 for tag in tags]
    if len(versions) > 1:
        current = rtype.model.objects.filter(pk=pk).values_list("version", flat=True).first()
        return current if current in versions else max(versions)
    return versions[0] if versions else 0


def _with_current(ctx: Context, rtype: RecordType, pk: int, stale: Stale) -> Stale:
    found = stored_json(ctx, rtype, pk)
    stale.extra["current"] = found
    stale.headers["ETag"] = etag(found["version"], encode(found))
    return stale

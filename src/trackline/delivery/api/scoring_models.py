"""What another scoring model would do to the book, before it is saved; and the signatures by which it comes into force."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from trackline.book.api.effects import EFFECT, EXAMPLE
from trackline.book.editing import draft_model, effect_of_model
from trackline.book.models import ScoringModel
from trackline.book.scoring.signatures import SIDES, sign, unsign
from trackline.kit.api.answers import answer, encode, etag
from trackline.kit.api.describe import IDEMPOTENCY_KEY, operation, ref, returns
from trackline.kit.api.once import once
from trackline.kit.api.requests import body_of, context_of, only
from trackline.kit.policy import ADMIN, READ, Context
from trackline.kit.problems import Invalid
from trackline.kit.records.queries import resolve, stored_json
from trackline.kit.records.types import registry

router = Router()
TAG = "Portfolio"

_MODEL: dict[str, Any] = {
    "type": "object",
    "description": "Fields of a scoring model, laid over the model in force on `from_on`.",
    "properties": {
        "name": {"type": "string", "maxLength": 120},
        "normaliser": {"type": "string", "enum": ["minmax", "zcdf"]},
        "cutoffs": {"type": "string", "description": "How tiers are cut; empty is the book's own way."},
        "criteria": {"type": "array", "items": {"type": "object"}, "description": "All criteria; weights sum to 100."},
        "from_on": {"type": ["string", "null"], "format": "date", "description": "Today or later; today where absent."},
    },
    "additionalProperties": False,
}


@router.post(
    "/scoring-models/preview",
    **operation(
        "preview_scoring_model",
        "Preview a scoring model",
        tag=TAG,
        permission=ADMIN,
        description="Scores the whole book by the model in force and by the one asked, on the same figures of today: who would "
        "change rank or be proposed for another tier, and by how much. Stores nothing; `POST /scoring-models` saves a version, "
        "`POST /scoring-models/{id}/sign` signs it.",
        body=_MODEL,
        example={"normaliser": "zcdf"},
        answers={
            200: returns("The effect; at most 200 accounts one by one, other tiers first.", EFFECT, EXAMPLE),
        },
    ),
)
def model_preview(request: HttpRequest) -> HttpResponse:
    """Answer what another model would do."""
    ctx = context_of(request)
    ctx.require(ADMIN)
    return answer(effect_of_model(ctx, draft_model(ctx, body_of(request))).to_json())


_SIDE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "side": {
            "type": "string",
            "enum": list(SIDES),
            "description": "For whom; where absent each side that the caller is named for.",
        }
    },
    "additionalProperties": False,
}


@router.post(
    "/scoring-models/{id}/sign",
    **operation(
        "sign_scoring_model",
        "Sign a scoring model",
        tag=TAG,
        permission=READ,
        description="Signs a version for finance, strategy or the customer-facing side, as the person whom its field of that name "
        "names; nobody signs for another, and being named is right enough. A version comes into force on the later of `from_on` and `signed_on`, the day of the "
        "last signature; where that is today the book is ranked by it. Three different people sign, unless the setting "
        "`scoring.signers` says otherwise. A change of criteria, normaliser or cut-offs voids the signatures.",
        parameters=[IDEMPOTENCY_KEY],
        body=_SIDE,
        example={"side": "finance"},
        answers={200: returns("Signed.", ref("ScoringModel"), ETag="Its new version.")},
        problems=(404, 409),
    ),
)
def model_sign(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002  (the name in the address)
    """Sign a version."""
    return _signature(request, id, sign)


@router.post(
    "/scoring-models/{id}/unsign",
    **operation(
        "unsign_scoring_model",
        "Take a signature back",
        tag=TAG,
        permission=READ,
        description="Takes the caller's signature under a version back. A version that has scored accounts keeps its signatures.",
        parameters=[IDEMPOTENCY_KEY],
        body=_SIDE,
        example={"side": "finance"},
        answers={200: returns("Taken back.", ref("ScoringModel"), ETag="Its new version.")},
        problems=(404, 409),
    ),
)
def model_unsign(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    """Take a signature back."""
    return _signature(request, id, unsign)


def _signature(request: HttpRequest, pk: str, deed: Callable[[Context, Any, str], ScoringModel]) -> HttpResponse:
    ctx = context_of(request)
    body = body_of(request)
    only(body, "side")
    side = body.get("side") or ""
    if not isinstance(side, str):
        raise Invalid.fields({"side": f"One of {', '.join(SIDES)} is expected."})
    model = resolve(ctx, registry.get("scoring_model"), pk)
    return once(request, ctx, body, lambda: _signed(ctx, deed(ctx, model, side)))


def _signed(ctx: Context, model: ScoringModel) -> HttpResponse:
    found = stored_json(ctx, registry.get("scoring_model"), model.pk)
    return answer(found, headers={"ETag": etag(found["version"], encode(found))})

"""The API, assembled: the rooms' own endpoints, then those of every record type."""

from __future__ import annotations

from django.db import DataError, IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.errors import ValidationError

from trackline import VERSION
from trackline.accounts.api import router as accounts
from trackline.align.api import ROUTERS as align
from trackline.book.api import ROUTERS as book
from trackline.choose.api import router as choose
from trackline.delivery.api import records
from trackline.delivery.api.auth import authenticate
from trackline.delivery.api.document import INTRODUCTION
from trackline.delivery.api.duplicates import router as duplicates
from trackline.delivery.api.feeds import router as feeds
from trackline.delivery.api.groups import router as groups
from trackline.delivery.api.kpis import router as kpis
from trackline.delivery.api.overrides import router as overrides
from trackline.delivery.api.rules import router as rules
from trackline.delivery.api.scores import router as scores
from trackline.delivery.api.scoring_models import router as scoring_models
from trackline.documents.api import ROUTERS as documents
from trackline.kickoff.api import router as kickoff
from trackline.kit.api.answers import problem_response
from trackline.kit.problems import BadRequest, Busy, Invalid, Problem, Refused
from trackline.kit.records.types import registry
from trackline.reveal.api import router as reveal
from trackline.track.api import router as track
from trackline.watch.api import router as watch

api = NinjaAPI(
    title="Trackline",
    version=VERSION,
    description=INTRODUCTION,
    auth=authenticate,
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
)


def _assemble() -> None:
    book_wide = (*book, *documents, scoring_models, rules, overrides, scores, groups, feeds, kpis)
    for router in (choose, accounts, duplicates, track, reveal, *align, kickoff, *book_wide, watch):
        api.add_router("", router)
    made = Router()
    for rtype in registry.all():
        records.add_endpoints(made, rtype)
    api.add_router("", made)


@api.exception_handler(Problem)
def _problem(_request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(problem)


@api.exception_handler(ValidationError)
def _unread(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [{"loc": list(item["loc"]), "msg": str(item["msg"])} for item in error.errors]
    return problem_response(BadRequest("A part of the address is not understood.", errors))


@api.exception_handler(DataError)
def _unstorable(_request: HttpRequest, _error: DataError) -> HttpResponse:
    return problem_response(Invalid("A value does not fit the database."))


@api.exception_handler(IntegrityError)
def _collision(_request: HttpRequest, _error: IntegrityError) -> HttpResponse:
    return problem_response(Refused("Another write came in between. Read the record again, then try again."))


@api.exception_handler(OperationalError)
def _busy(_request: HttpRequest, error: OperationalError) -> HttpResponse:
    if "locked" in str(error) or "deadlock" in str(error) or "timeout" in str(error):
        return problem_response(Busy())
    raise error


_assemble()

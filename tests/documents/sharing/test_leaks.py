"""What a shared page holds, field by field: a canary stands in every field that must not leave, in every record there is."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, models, transaction
from django.test import Client
from django.utils import timezone

from tests.delivery.api.client import Api
from tests.factories import NOW, Cast, make, make_account, make_cast, system
from tests.shared import shared as kept
from tests.workspace.records.world import NAMES, World
from trackline.documents.allowed.names import allowed, facts_allowed, tells
from trackline.documents.models import AccountPlan, ShareLink
from trackline.documents.sharing import services
from trackline.kit.records.types import registry

pytestmark = pytest.mark.django_db
FRAME = {"title", "greeting", "as_of", "account"}
PARTS = {"goals": "goal", "value": "value_outcome", "actions": "action", "meetings": "meeting", "kpis": "kpi"}
FILES = ("", "/page.json", "/meetings.ics")


def shared(**more: Any) -> tuple[Cast, World, ShareLink, str]:
    """Return a cast, one record of each type around its account, and an open page that shows all it can."""
    cast = make_cast()
    now = timezone.now()
    ctx = system(now)
    today = timezone.localdate(now)
    world = World(cast)
    contact = world.get("contact")
    world.made["kpi"] = world.make("kpi", agreed_with_customer=True)
    world.made["value_outcome"] = world.make("value_outcome", verified_by=contact, verified_on=NOW.date())
    world.made["action"] = world.make("action", joint=True, side="customer", client_owner=contact)
    world.made["meeting"] = world.make("meeting", at=now + timedelta(days=3), contacts=[contact.pk])
    for name in NAMES:
        world.get(name)
    kpi = world.get("kpi")
    make("observation", account=cast.account, metric=kpi.metric, kpi=kpi, on=today, value=93)
    link = make(
        "share_link", ctx=ctx, account=cast.account, title="You and us", greeting="Welcome",
        goals=[world.get("goal").pk], kpis=[kpi.pk], **more,
    )  # fmt: skip
    return cast, world, link, services.new_address(ctx, link.pk)


@pytest.fixture(scope="module")
def page(django_db_setup: None, django_db_blocker: Any) -> dict[str, Any]:
    """What stands on such a page."""
    with kept(django_db_blocker, shared) as (_cast, _world, _link, path):
        found: dict[str, Any] = Client().get(f"{path}/page.json").json()
        return found


def leaving(name: str) -> set[str]:
    """Return the fields of a record type that the page or a document may tell."""
    return set(allowed().get(name, ())) | set(tells(name))


def plant() -> dict[str, Any]:
    """Put a canary into every field that must not leave, of every record; return them by record type and field."""
    planted: dict[str, Any] = {}
    for number, rtype in enumerate(registry.all()):
        if rtype.name == "share_link":
            continue
        for place, field in enumerate(rtype.model._meta.concrete_fields):
            if field.name in leaving(rtype.name) or field.is_relation or field.primary_key:
                continue
            canary = _canary(field, f"Canary{number}x{place}y", number * 40 + place)
            if canary is None:
                continue
            try:
                with transaction.atomic():
                    rtype.model.objects.update(**{field.attname: canary})
            except IntegrityError:
                continue
            planted[f"{rtype.name}.{field.name}"] = canary
    return planted


def _canary(field: Any, text: str, number: int) -> Any:
    if field.choices:
        return None
    if isinstance(field, models.JSONField):
        return {"secret": text}
    if isinstance(field, models.TextField | models.CharField):
        limit = getattr(field, "max_length", None) or 100
        return text if len(text) <= limit else None
    if isinstance(field, models.DecimalField) and field.max_digits - field.decimal_places >= 5:
        return Decimal(70000 + number)
    return None


def told_in(sign: Any, text: str) -> bool:
    """Whether a canary stands in a text; a number as a whole one, plain or grouped, not within a time or an id."""
    if not isinstance(sign, Decimal):
        return str(sign) in text
    return bool(re.search(rf"(?<![\dA-Za-z])({sign}|{sign:,})(?![\dA-Za-z])", text))


def test_no_field_leaves_that_is_not_listed() -> None:
    _cast, _world, _link, path = shared(may_comment=True, may_tick=True)
    before = Client().get(f"{path}/page.json").json()
    planted = plant()
    assert len(planted) > 150
    assert {"contact.sentiment", "risk.title", "note.body"} & set(planted)
    text = "".join(Client().get(path + file).content.decode() for file in FILES)
    assert "You and us" in text
    for name, canary in planted.items():
        for sign in canary.values() if isinstance(canary, dict) else [canary]:
            assert not told_in(sign, text), name
    assert Client().get(f"{path}/page.json").json() == before, "a field that is not listed changed the page"


def test_no_copy_for_the_customer_tells_more() -> None:
    cast, world, _link, path = shared(show_plan=True)
    tree = cast.account.path
    planted = plant()
    del planted["account.key"]  # whoever asks the API for a copy names the account by it, and is told it again
    type(cast.account).objects.filter(pk=cast.account.pk).update(path=tree)  # our pages find the account by it
    for one in (cast.account, cast.owner):
        one.refresh_from_db()
    key, plan = cast.account.key, world.get("account_plan")
    make("plan_section", ctx=system(), account=cast.account, section="risks", text="CanaryOfTheRisks")
    AccountPlan.objects.filter(pk=plan.pk).update(state="draft", confidentiality="shared")
    version = make("plan_version", ctx=system(timezone.now()), plan=plan, note="Given to the customer today")
    AccountPlan.objects.filter(pk=plan.pk).update(state="customer_review")
    freeze = make("review_freeze", ctx=system(timezone.now()), meeting=world.get("meeting"), note="Frozen for today")
    api, web, outside = Api(cast.owner), Client(), Client()
    web.force_login(cast.owner)

    def export(at: str) -> bytes:
        answer = web.get(f"/accounts/{key}/{at}?edition=customer")
        assert answer.status_code == 200, at
        return answer.content

    told = {f"page{at}": outside.get(path + at).content for at in (*FILES, "/plan")}
    for at in (
        f"accounts/{key}/plan",
        f"accounts/{key}/review",
        f"plan-versions/{version.pk}/plan",
        f"review-freezes/{freeze.pk}/review",
    ):
        told[f"api {at}"] = api.get(f"/{at}?edition=customer").content
    for at in ("plan", f"plan/versions/{version.pk}"):
        told[at] = export(f"{at}/export/md")
        told[f"{at} in Word"] = unzipped(export(f"{at}/export/docx"))
    told["review"], told["review deck"] = export("review/export/json"), unzipped(export("review/export/pptx"))
    assert set(told) > {"page/plan"} and all(
        world.get("goal").title.encode() in one for at, one in told.items() if "ics" not in at
    ), list(told)
    for at, content in told.items():
        text = content.decode(errors="replace")
        assert "CanaryOfTheRisks" not in text, at
        for name, canary in planted.items():
            for sign in canary.values() if isinstance(canary, dict) else [canary]:
                assert not told_in(sign, text), (at, name)


def unzipped(content: bytes) -> bytes:
    """Return all parts of an Office file, one after the other."""
    with ZipFile(BytesIO(content)) as parts:
        return b"\n".join(parts.read(name) for name in parts.namelist() if name.endswith(".xml"))


@pytest.mark.parametrize("name", NAMES)
def test_each_field_of_each_type_is_closed_unless_listed(page: dict[str, Any], name: str) -> None:
    assert set(page) == FRAME | set(PARTS), "each part is filled"
    rows = [row for part, of in PARTS.items() if of == name for row in page[part]]
    rows += [page["account"]] if name == "account" else []
    for field in registry.get(name).specs:
        listed = field in allowed().get(name, ())
        assert all((field in row) == listed for row in rows), field
    extra = {"readings"} if name in ("goal", "kpi") else set()
    assert all(set(row) == set(allowed()[name]) | extra for row in rows)


def test_what_is_not_chosen_joint_verified_or_theirs_stays_inside() -> None:
    cast, world, _link, path = shared()
    contact, now = world.get("contact"), timezone.now()
    world.make("goal", title="Inside goal", status="on_track")
    world.make("action", title="Inside action")
    world.make("meeting", title="Inside meeting", at=now)
    world.make("meeting", title="Inside cancelled", at=now, contacts=[contact.pk], status="cancelled_by_us")
    world.make("value_outcome", title="Inside outcome")
    world.make("kpi", name="Inside margin")
    other = make_account("Inside other")
    make("action", account=other, title="Inside joint of another", joint=True)
    text = "".join(Client().get(path + file).content.decode() for file in FILES)
    assert "Inside" not in text
    assert world.get("goal").title in text
    assert "margin" not in text
    assert cast.account.name in text


def test_a_kpi_leaves_only_while_it_is_agreed_with_the_customer() -> None:
    _cast, world, _link, path = shared()
    type(world.get("kpi")).objects.update(agreed_with_customer=False)
    assert "kpis" not in Client().get(f"{path}/page.json").json()


def test_ids_do_not_leave() -> None:
    _cast, world, _link, path = shared(may_tick=True)
    for name in ("goal", "action", "meeting", "kpi", "value_outcome", "contact"):
        world.get(name)
    page = json.dumps(Client().get(f"{path}/page.json").json())
    assert '"id"' not in page
    assert "meeting-" not in Client().get(f"{path}/meetings.ics").content.decode()
    assert "/r/" not in Client().get(path).content.decode()


def test_the_list_names_only_what_there_is() -> None:
    for name, fields in allowed().items():
        assert set(fields) <= set(registry.get(name).specs), name
    never = {"sentiment", "influence", "margin_pct", "probability", "competitor", "personal_win", "turn_negative_risk"}
    assert not never & {field for fields in allowed().values() for field in fields}
    assert not never & {field for name in allowed() for field in tells(name)}
    assert not {"risk", "note", "issue", "route", "health_snapshot", "alert", "interaction"} & set(allowed())
    assert not {
        "health",
        "stakeholders",
        "risks",
        "issues",
        "routes",
        "pipeline",
        "renewals",
        "competition",
        "contracts",
    } & set(facts_allowed())

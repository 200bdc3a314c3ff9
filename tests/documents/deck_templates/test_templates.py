"""Templates are taken in once, chosen for a review or the book, replaced and put back; the API hands their files on."""

from __future__ import annotations

import base64
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pptx import Presentation

from tests.delivery.api.client import Api, problem
from tests.documents.decks.corporate import SQUARE, WIDE, corporate
from tests.factories import NOW, as_user, make, make_account, make_cast, system
from trackline.documents.deck_templates.choosing import asked, chosen
from trackline.documents.deck_templates.files import UNCLAIMED, take_in
from trackline.documents.models import DeckFile, DeckTemplate
from trackline.kit.history.models import Change
from trackline.kit.policy import Context
from trackline.kit.problems import Forbidden, Invalid, NotFound
from trackline.kit.records import services as records
from trackline.kit.records.types import registry
from trackline.kit.records.whole import whole_of

pytestmark = pytest.mark.django_db
TEMPLATE, DECK = (registry.get(name) for name in ("deck_template", "review_deck"))


def uploaded(blob: bytes, ctx: Context | None = None) -> str:
    return str(take_in(ctx or system(), "corporate.pptx", blob).pk)


def template(title: str, blob: bytes, **more: Any) -> DeckTemplate:
    made: DeckTemplate = make("deck_template", title=title, file=uploaded(blob), **more)
    return made


def review(**more: Any) -> Any:
    return make("meeting", account=make_account(), title="Q4 review", review="qbr", at=NOW + timedelta(days=9), **more)


def test_the_same_file_is_kept_once() -> None:
    blob = corporate()
    assert uploaded(blob) == uploaded(blob) != uploaded(corporate(SQUARE))
    assert DeckFile.objects.count() == 2


def test_a_review_s_own_choice_goes_before_the_book_s() -> None:
    meeting = review()
    assert chosen(meeting).template is None
    wide, square = template("Wide", corporate(WIDE), is_default=True), template("Square", corporate(SQUARE))
    assert chosen(meeting).template == chosen().template == wide and not chosen(meeting).of_review
    deck = records.create(system(), DECK, {"meeting": meeting.pk, "template": square.pk})
    assert chosen(meeting).template == square and chosen(meeting).of_review and chosen().template == wide
    records.update(system(), DECK, deck.pk, {"template": None})
    assert chosen(meeting).template is None and chosen(meeting).of_review
    records.delete(system(), DECK, deck.pk)
    assert chosen(meeting).template == wide


def test_one_template_is_the_book_s_and_undo_gives_it_back() -> None:
    first, second = template("First", corporate(), is_default=True), template("Second", corporate(SQUARE))
    records.update(system(), TEMPLATE, second.pk, {"is_default": True})
    assert chosen().template == second
    first.refresh_from_db()
    assert not first.is_default


def test_a_template_that_is_deleted_is_drawn_on_no_more_and_comes_back() -> None:
    made = template("Slides", corporate(), is_default=True)
    change = records.delete(system(), TEMPLATE, made.pk)
    assert chosen().template is None
    with pytest.raises(NotFound, match="Slides"):
        asked(system(), "Slides")
    records.undo(system(), change.pk)
    assert (
        chosen().template == made
        and asked(system(), "slides").template == made == asked(system(), str(made.pk)).template
    )
    assert asked(system(), "own").master is None


def test_a_file_that_was_replaced_can_be_put_back() -> None:
    made = template("Slides", corporate(WIDE), is_default=True)
    before = made.file
    changed = records.update(system(), TEMPLATE, made.pk, {"file": uploaded(corporate(SQUARE))})
    master = chosen().master
    assert master is not None and master.size == SQUARE
    take_in(system(NOW + UNCLAIMED * 3), "other.pptx", corporate(face="Georgia"))  # lets go of what nothing names
    records.undo(system(), changed.last_change.pk)
    master = chosen().master
    assert master is not None and master.size == WIDE
    assert DeckTemplate.objects.get(pk=made.pk).file == before


def test_a_file_that_no_template_took_is_let_go_after_a_day() -> None:
    loose = uploaded(corporate(SQUARE))
    take_in(system(NOW + UNCLAIMED / 2), "other.pptx", corporate())
    assert DeckFile.objects.filter(pk=loose).exists()
    take_in(system(NOW + UNCLAIMED * 2), "third.pptx", corporate(face="Georgia"))
    assert not DeckFile.objects.filter(pk=loose).exists()


def test_what_is_refused() -> None:
    cast = make_cast()
    with pytest.raises(Forbidden):
        take_in(as_user(cast.owner), "corporate.pptx", corporate())
    with pytest.raises(Invalid, match="is no PowerPoint file"):
        take_in(system(), "report.docx", corporate())
    with pytest.raises(Invalid, match="Upload it first"):
        make("deck_template", title="Nothing", file="0" * 32)


def test_a_template_of_another_installation_waits_for_its_file() -> None:
    ctx = Context(system().actor, NOW, via="import")
    made = records.create(ctx, TEMPLATE, {"title": "Theirs", "file": "0" * 32, "is_default": True})
    assert made.file == ""
    assert chosen().template is None and chosen().lost == "Theirs"


def test_an_account_s_file_names_the_template_of_its_reviews() -> None:
    meeting = review()
    made = template("Slides", corporate())
    records.create(system(), DECK, {"meeting": meeting.pk, "template": made.pk})
    told = whole_of(system(), meeting.account.pk).records
    assert [one["template"] for one in told["review_deck"].values()] == [str(made.pk)] == list(told["deck_template"])


def test_the_api_takes_a_file_and_gives_it_back() -> None:
    cast = make_cast()
    admin, reader = Api(cast.admin), Api(cast.facilitator)
    body = {"name": "corporate.pptx", "content": base64.b64encode(corporate(SQUARE)).decode()}
    problem(Api().call("POST", "/deck-files", body), 401)
    problem(reader.call("POST", "/deck-files", body), 403)
    answered = admin.call("POST", "/deck-files", body)
    assert answered.status_code == 201, answered.content
    file = answered.json()
    assert file["found"]["width"] == 720 and file["found"]["missing"] == [
        "Hard to see in charts, with a contrast below 3 to 1: accent3."
    ]
    made = admin.made("/deck-templates", {"title": "Slides", "file": file["file"], "is_default": True})
    assert reader.get(f"/deck-templates/{made['id']}").json()["found"]["width"] == 720
    told = reader.get(f"/deck-files/{file['file']}").json()
    assert Presentation(io.BytesIO(base64.b64decode(told["content"]))).slide_width.pt == 720
    problem(reader.get("/deck-files/nothing"), 404)
    for wrong in (
        {"name": "x.pptx"},
        {**body, "content": "no base64!"},
        {**body, "more": 1},
        {**body, "name": "x.pdf"},
    ):
        problem(admin.call("POST", "/deck-files", wrong), 422)


def test_a_page_takes_a_file_shows_it_and_keeps_it() -> None:
    cast = make_cast()
    client = Client()
    client.force_login(cast.admin)

    def send(blob: bytes, **more: str) -> Any:
        sent = io.BytesIO(blob)
        sent.name = "corporate.pptx"
        return client.post("/settings/deck-templates", {"file": sent, **more})

    refused = send(b"%PDF")
    assert refused.status_code == 422 and "no PowerPoint file" in refused.content.decode()
    led = send(corporate(SQUARE))
    shown = client.get(led["Location"]).content.decode()
    assert "4:3" in shown and "Title Only" in shown and not DeckTemplate.objects.exists()
    assert client.post(led["Location"], {"title": "Steering", "is_default": "1"}).status_code == 302
    made = DeckTemplate.objects.get()
    assert made.is_default and "Steering" in client.get("/settings/deck-templates").content.decode()

    led = send(corporate(WIDE), of=str(made.pk))
    client.post(led["Location"].split("?")[0], {"of": str(made.pk)})
    listed = client.get("/settings/deck-templates").content.decode()
    assert "16:9" in listed and "Earlier files" in listed
    assert Change.objects.filter(record_type="deck_template", record_id=made.pk).count() == 2
    gone = client.post(f"/settings/deck-templates/{made.pk}/remove", headers={"HX-Request": "true"})
    assert "undo" in gone["HX-Trigger"]


def test_a_review_s_deck_on_the_page_is_drawn_on_what_is_chosen() -> None:
    cast = make_cast()
    meeting = make("meeting", account=cast.account, title="Q4 review", review="qbr", at=NOW + timedelta(days=9))
    template("Square", corporate(SQUARE), is_default=True)
    client = Client()
    client.force_login(cast.owner)

    def width(address: str) -> float:
        return float(Presentation(io.BytesIO(client.get(address).content)).slide_width.pt)

    deck = f"/meetings/{meeting.pk}/deck/export/pptx"
    assert width(deck) == 720 and width(f"{deck}?template=own") == 960
    assert width(f"/accounts/{cast.account.key}/briefs/value/export/pptx") == 720
    client.post(f"/meetings/{meeting.pk}/deck/template", {"template": "own"})
    assert width(deck) == 960 and "chosen for this review" in client.get(f"/meetings/{meeting.pk}").content.decode()
    client.post(f"/meetings/{meeting.pk}/deck/template", {"template": ""})
    assert width(deck) == 720

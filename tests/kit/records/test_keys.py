"""Keys that follow from a name."""

from __future__ import annotations

import pytest

from tests.factories import make
from trackline.align.models import Pipeline
from trackline.kit.records.keys import first_free, free_key


@pytest.mark.parametrize(
    ("taken", "key"),
    [([], "board"), (["board"], "board-2"), (["Board", "board-2", "board-4"], "board-3"), (["boarding"], "board")],
)
def test_the_first_that_is_free(taken: list[str], key: str) -> None:
    assert first_free("board", taken) == key


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Deals over 1 m", "deals-over-1-m"),
        ("営業", "pipeline"),
        ("2027", "pipeline-2027"),
        ("x" * 120, "x" * 32),
    ],
)
def test_key_of_a_name(name: str, key: str) -> None:
    assert free_key(name, Pipeline.objects.all(), otherwise="pipeline") == key


@pytest.mark.django_db
def test_a_deleted_record_keeps_its_key() -> None:
    first = make("pipeline", name="Partners")
    Pipeline.objects.filter(pk=first.pk).update(deleted_at=first.created_at)
    assert make("pipeline", name="Partners").key == "partners-2"

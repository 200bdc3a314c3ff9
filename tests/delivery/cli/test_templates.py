"""`trackline template`."""

from __future__ import annotations

from pathlib import Path

import pytest
from pptx import Presentation

from tests.delivery.cli.conftest import Shell
from tests.documents.decks.corporate import SQUARE, WIDE, corporate
from trackline.documents.models import DeckFile, DeckTemplate

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "corporate.pptx"
    path.write_bytes(corporate(WIDE))
    return path


def test_a_file_is_checked_and_nothing_is_kept(shell: Shell, file: Path, tmp_path: Path) -> None:
    assert "Layout of a cover" in shell("template", "check", str(file)).out
    assert shell("template", "check", str(file), "--json").json["layouts"]
    broken = tmp_path / "broken.pptx"
    broken.write_bytes(b"no slides")
    refused = shell("template", "check", str(broken))
    assert refused.code != 0 and refused.err
    absent = shell("template", "check", str(tmp_path / "absent.pptx"))
    assert (absent.code, "cannot be read" in absent.err) == (1, True)
    assert not DeckFile.objects.exists()
    assert "No templates" in shell("template", "list").out


def test_a_template_is_added_shown_replaced_used_and_removed(shell: Shell, file: Path, tmp_path: Path) -> None:
    added = shell("template", "add", str(file), "--name", "Corporate", "--note", "Outside the house", "--default")
    assert "Corporate added" in added.out
    (row,) = shell("template", "list", "--json").json["items"]
    assert (row["title"], row["is_default"], row["name"]) == ("Corporate", True, "corporate.pptx")
    assert "Outside the house" in shell("template", "show", "corporate").out

    square = tmp_path / "square.pptx"
    square.write_bytes(corporate(SQUARE))
    replaced = shell("template", "add", str(square), "--replace", row["id"], "--json").json
    assert replaced["id"] == row["id"] and replaced["file"] != row["file"]
    assert replaced["title"] == "Corporate" and replaced["is_default"], "what is not given stays"
    assert shell("template", "add", str(square)).code == 0
    assert DeckTemplate.objects.alive().filter(title="square").exists()

    assert "drawn on square" in shell("template", "use", "square").out
    assert "own slides" in shell("template", "use", "own").out
    assert not DeckTemplate.objects.alive().filter(is_default=True).exists()
    assert "deleted" in shell("template", "remove", "Corporate").out
    assert shell("template", "show", "Corporate").code == 1


def test_a_sample_is_drawn_on_a_template_or_a_file(shell: Shell, file: Path, tmp_path: Path) -> None:
    shell("template", "add", str(file), "--name", "Corporate")
    for named in ("Corporate", str(file)):
        target = tmp_path / "sample.pptx"
        assert shell("template", "sample", named, "--to", str(target)).code == 0
        assert len(Presentation(str(target)).slides) > 3
    assert shell("template", "sample", "Corporate", "--to", str(tmp_path / "sample.pdf")).code == 2
    assert shell("template", "sample", "nobody", "--to", str(tmp_path / "x.pptx")).code == 1

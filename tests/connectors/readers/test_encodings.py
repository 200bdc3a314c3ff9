"""Encodings are found, whatever program wrote the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.support import read_one, write

TEXT = "Firma;Ort\nMüller & Söhne GmbH;Köln\nCafé Crème S.à r.l.;Besançon\nNuño e Hijos;Málaga\nØrsted;København\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "mac_roman"]
)
def test_western_text_is_read_right(tmp_path: Path, encoding: str) -> None:
    table = read_one(write(tmp_path, "kunden.csv", TEXT.encode(encoding)))
    assert table.headings == ["Firma", "Ort"]
    assert [row.cells[0] for row in table.rows()][:2] == ["Müller & Söhne GmbH", "Café Crème S.à r.l."]


def test_windows_punctuation_is_kept(tmp_path: Path) -> None:
    table = read_one(write(tmp_path, "a.csv", "Name,Deal\nAcme,“Big” – €5\n".encode("cp1252")))
    assert next(table.rows()).cells == ["Acme", "“Big” – €5"]


def test_central_european_text_is_read_right(tmp_path: Path) -> None:
    text = "Nazwa,Miasto\n" + "Spółka Łódź,Gdańsk\nŻabka,Wrocław\nPiekło,Kraków\nŚwiętość,Częstochowa\n" * 5
    table = read_one(write(tmp_path, "a.csv", text.encode("cp1250")))
    assert next(table.rows()).cells == ["Spółka Łódź", "Gdańsk"]


def test_a_few_damaged_characters_do_not_spoil_a_utf8_file(tmp_path: Path) -> None:
    text = ("Name,City\n" + "Müller,Köln\n" * 30).encode() + b"Ac\xffme,Ulm\n"
    table = read_one(write(tmp_path, "a.csv", text))
    assert table.encoding == "utf-8"
    assert table.notes == ["1 damaged characters were replaced by �"]
    assert [row.cells[0] for row in table.rows()][-1] == "Ac�me"


def test_late_characters_count_too(tmp_path: Path) -> None:
    text = b"Name,City\n" + b"Acme,Ulm\n" * 200_000 + "Müller,Köln\n".encode("cp1252")
    table = read_one(write(tmp_path, "a.csv", text))
    assert table.encoding == "cp1252"

"""Whatever stands in a file, an import ends with a result: rows taken, rows rejected, never an error of ours."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.connectors.support import counts, import_files, reasons, write
from tests.factories import make_account
from trackline.accounts.models import Account
from trackline.connectors.mapping.columns import Match, score
from trackline.connectors.profiles import Target, vocabulary

pytestmark = pytest.mark.django_db

NASTY = [
    "", " ", "Acme", "acme", "Müller", "x" * 300, "x" * 5000, "y" * 115, "z" * 190, "0", "-1", "1,234", "1.234,56", "1e39", "1e400", "9" * 60,
    "0.000000001", "12 %", "€5", "(7)", "03/04/2024", "31.02.2027", "2024-01-01", "0001-01-01", "99/99/9999", "TRUE", "maybe",
    "a@b.co", "not@", "www.acme.com", "http://", "=cmd|' /C calc'!A0", "@Ref1", "@", "'", '"', "a;b", "a,b", "NULL", "n/a",
    "\u202e\u200b", "💥", "٣", "Won", "Closed Lost", "Zephyr", "high", "EUR", "euro", "12345678901234567890", "-0", "00123",
    "2024-01-01T25:00:00Z", "2200-12-31", "1899-12-31", "\ufeff", "�",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_nasty_tables(tmp_path: Path, home: Path, seed: int) -> None:
    make_account("Acme")
    rng = random.Random(seed)
    for words in vocabulary().values():
        fields = rng.sample(list(words.fields.values()), k=min(len(words.fields), rng.randrange(2, 12)))
        headings = [rng.choice(list(facts.headings)) for facts in fields if facts.headings] + [
            "Own column",
            "Own column",
        ]
        lines = [[rng.choice(NASTY) for _ in headings] for _ in range(rng.randrange(1, 12))]
        delimiter = rng.choice([",", ";", "\t"])
        quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in line] for line in [headings, *lines]]
        text = "\n".join(delimiter.join(line) for line in quoted)
        write(tmp_path / "in", f"{sorted(words.nouns)[0]}.csv", text)
    told = {"date_order": "dmy", "decimal": rng.choice([".", ","]), "create_accounts": rng.random() < 0.5}
    look = import_files(tmp_path / "in", told=told, dry_run=True)
    done = import_files(tmp_path / "in", told=told)
    assert not [each for each in done.failed if "database" in each["reason"]], done.failed
    assert counts(look)["created"] == counts(done)["created"]
    kinds = [file.type for file in done.files]
    if len(kinds) == len(set(kinds)):
        # Two files about the same records may contradict each other for ever.
        again = counts(import_files(tmp_path / "in", told=told))
        assert (again["created"], again["updated"]) == ({}, {})


@pytest.mark.parametrize("seed", range(8))
def test_nasty_json(tmp_path: Path, home: Path, seed: int) -> None:
    make_account("Acme")
    rng = random.Random(seed)
    values = [*NASTY, None, True, 1, -1.5, 10**60, 1e300, [], ["a"], {"a": 1}, [{"a": 1}], "\ud800", "a\x00b"]
    for name in ("account", "contact", "route"):
        fields = vocabulary()[name].fields
        rows = [{field: rng.choice(values) for field in rng.sample(list(fields), k=8)} for _ in range(12)]
        text = json.dumps(rows) + rng.choice(["", "\n"])
        write(tmp_path / "in", f"{name}s.json", text.replace("1e+300", rng.choice(["1e999999", "NaN", "1.5"])))
    result = import_files(tmp_path / "in", told={"date_order": "mdy", "decimal": "."})
    assert not [each for each in result.failed if "database" in each["reason"]], result.failed


@pytest.mark.parametrize("seed", range(30))
def test_bytes(tmp_path: Path, home: Path, seed: int) -> None:
    rng = random.Random(seed)
    parts = [
        b"Account Name,Email\n",
        b"\xff\xfe",
        b"\x00",
        b'"',
        b"\r\n",
        b",",
        b";",
        b"Acme",
        "Müller".encode(),
        b"\x80\x81",
        b"PK\x03\x04",
        b"{",
        b"[",
        b"}",
    ]
    for ending in ("csv", "json", "xlsx", "zip", "txt"):
        write(tmp_path / "in", f"accounts.{ending}", b"".join(rng.choice(parts) for _ in range(rng.randrange(1, 60))))
    result = import_files(tmp_path / "in", told={"date_order": "mdy", "decimal": "."})
    assert all(each["reason"] for each in result.failed)


def test_what_is_put_together_fits_its_field(tmp_path: Path, home: Path) -> None:
    """SQLite keeps texts of any length; other databases do not."""
    write(tmp_path / "in", "accounts.csv", f"Account ID,Account Name\nA1,Acme\n{'i' * 201},Bolt\n")
    write(
        tmp_path / "in",
        "contacts.csv",
        f"First Name,Last Name,Account Name\n{'a' * 120},{'b' * 120},Acme\nAnn,{'b' * 120},Acme\n",
    )
    write(
        tmp_path / "in",
        "deals.csv",
        f"Deal ID,Account Name,Product,Stage\n{'d' * 190},Acme,{'p' * 190},Won\n",
    )
    write(
        tmp_path / "in", "subscriptions.csv", f"subscription_id,account,start_date,mrr\n{'s' * 150},Acme,2026-01-01,5\n"
    )
    done = import_files(tmp_path / "in")
    assert not done.failed
    assert counts(done)["created"] == {"accounts": 1, "products": 1, "contacts": 1, "routes": 1}
    assert [reason for _, _, reason in reasons(done)] == [
        "An id has at most 200 characters; this has 201.",
        "At most 200 characters; this has 241.",
        "No reference: a contract needs one.",
    ]


def test_own_exports_with_custom_fields_come_back(tmp_path: Path, home: Path) -> None:
    path = write(tmp_path, "accounts.csv", "id,key,name,tier,custom.plants\n11,alpenrein,Alpenrein Molkerei,2,4\n")
    result = import_files(path)
    assert counts(result)["created"] == {"accounts": 1}
    assert Account.objects.get().custom


def test_a_custom_field_speaks_for_no_type() -> None:
    words, name = vocabulary()["account"], {0: Match(Target("name"), "heading")}
    custom = name | {1: Match(Target("custom:plants"), "heading")}
    assert score(["name", "custom.plants"], custom, words) == score(["name"], name, words)

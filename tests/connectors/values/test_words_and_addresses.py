"""Yes and no, nothing, comparison; e-mail and web addresses."""

from __future__ import annotations

import pytest

from trackline.connectors.values.addresses import domain_of, is_free_mail, parse_email, parse_url
from trackline.connectors.values.words import fold, is_empty, is_empty_typed, parse_boolean, squeeze, words_of


def test_comparison_ignores_case_accents_and_spaces() -> None:
    assert fold("  Société   Générale ") == fold("societe generale")
    assert fold("Straße") == fold("STRASSE")
    assert squeeze("Account ID") == squeeze("account_id") == squeeze("ACCOUNTID")
    assert fold("Łódź") == "lodz"
    assert words_of("closeDate (EUR)") == ["close", "date", "eur"]


@pytest.mark.parametrize("text", ["TRUE", "yes", "1", "ja", "x", "Oui", "sí", "✓"])
def test_yes(text: str) -> None:
    assert parse_boolean(text) is True


@pytest.mark.parametrize("text", ["FALSE", "no", "0", "Nein", "non"])
def test_no(text: str) -> None:
    assert parse_boolean(text) is False


def test_neither() -> None:
    with pytest.raises(ValueError, match="perhaps"):
        parse_boolean("perhaps")


def test_nothing() -> None:
    assert all(is_empty(text) for text in ("", "  ", "NULL", "#N/A", "\\N", "(blank)"))
    assert not any(is_empty(text) for text in ("n", "None Ltd", "Nullarbor", "-"))
    assert all(is_empty_typed(text) for text in ("n/a", "-", "None", "k.A.", "0000-00-00"))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ann@acme.com", "ann@acme.com"),
        ("Ann.Bo@ACME.com", "Ann.Bo@acme.com"),
        ("Ann Bo <ann@acme.com>", "ann@acme.com"),
        ("mailto:ann@acme.co.uk", "ann@acme.co.uk"),
        ("o'brien+x@acme-group.example", "o'brien+x@acme-group.example"),
    ],
)
def test_reads_addresses(text: str, address: str) -> None:
    assert parse_email(text) == address


@pytest.mark.parametrize(
    "text",
    ["ann", "ann@", "@acme.com", "ann@acme", "a b@acme.com", "ann@@acme.com", "ann@acme..com", "x" * 250 + "@acme.com"],
)
def test_refuses_addresses(text: str) -> None:
    with pytest.raises(ValueError, match="Not an e-mail address"):
        parse_email(text)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("www.burlington.com", "burlington.com"),
        ("https://www.Acme.co.uk/about?x=1", "acme.co.uk"),
        ("acme.com:8080", "acme.com"),
        ("ann@acme.com", "acme.com"),
        ("http://expressl&t.net", ""),
        ("see web", ""),
        ("localhost", ""),
    ],
)
def test_domain(text: str, domain: str) -> None:
    assert domain_of(text) == domain


def test_web_addresses() -> None:
    assert parse_url("acme.com/x") == "https://acme.com/x"
    with pytest.raises(ValueError, match="Not a web address"):
        parse_url("javascript:alert(1)")


def test_free_mail() -> None:
    assert is_free_mail("gmail.com")
    assert not is_free_mail("acme.com")

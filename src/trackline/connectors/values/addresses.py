"""E-mail addresses, web addresses and the domain that identifies a company."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from trackline.connectors.values.data import read_data

_EMAIL = re.compile(r"^[^\s@,;<>\"()\[\]]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}$")
_ANGLE = re.compile(r"<([^<>]+)>\s*$")
_HOST = re.compile(r"^(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}$")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.I)


def parse_email(text: str) -> str:
    """One address, lower case in its domain; `Name <a@b.c>` and `mailto:` are understood. Raises `ValueError`."""
    found = _ANGLE.search(text)
    address = (found.group(1) if found else text).strip().removeprefix("mailto:").strip()
    if len(address) > 254 or not _EMAIL.match(address) or ".." in address or address.split("@")[0].endswith("."):
        raise ValueError("Not an e-mail address.")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def parse_url(text: str) -> str:
    """A web address with its scheme. Raises `ValueError`."""
    url = text.strip()
    if not _SCHEME.match(url):
        url = f"https://{url}"
    if not url.lower().startswith(("http://", "https://")) or any(character.isspace() for character in url):
        raise ValueError("Not a web address.")
    if not _HOST.match(_host(url)):
        raise ValueError("Not a web address.")
    return url


def domain_of(text: str) -> str:
    """The bare domain of a web or e-mail address (`https://www.Acme.com/x` → `acme.com`); empty where there is none."""
    text = text.strip().lower()
    host = text.rpartition("@")[2] if "@" in text and "/" not in text else _host(text)
    host = host.removeprefix("www.").rstrip(".")
    return host if _HOST.match(host) else ""


def _host(url: str) -> str:
    rest = _SCHEME.sub("", url)
    return re.split(r"[/?#:]", rest.rpartition("@")[2] if "@" in rest.split("/")[0] else rest, maxsplit=1)[0]


@cache
def _free_mail() -> frozenset[str]:
    data = read_data(Path(__file__).parent / "free_mail.yaml")
    return frozenset(data)


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have an address there, so that it says nothing about a company."""
    return domain in _free_mail()

"""The checks of data quality: domains, and what is looked at in each of them. Their data stand beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from trackline.book.models import DataSteward
from trackline.book.rules.quality import DIMENSIONS
from trackline.core.playbook.data import check_source, read_yaml
from trackline.kit.records.types import registry


@dataclass(frozen=True)
class Domain:
    """A part of the book whose data somebody answers for; `records` are the types that belong to it. Source: DQ-01."""

    key: str
    label: str
    covers: str
    records: Sequence[str]


@dataclass(frozen=True)
class Check:
    """One thing that records of a type may fail. `fields` say where it is mended, `adds` which new record mends it, `shows` what else
    tells of it."""

    key: str
    domain: str
    record: str
    dimension: str
    test: str
    fields: tuple[str, ...]
    fails: str
    source: str
    adds: str = ""
    shows: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Catalogue:
    """Domains and checks by key; completeness comes from the fields that the rule makes mandatory."""

    domains: Mapping[str, Domain]
    checks: Mapping[str, Check]

    def having(self, mandatory: Mapping[str, Any]) -> dict[str, Check]:
        """Return all checks, with one for each mandatory field; names that mean no field of a known type are left out."""
        found = dict(self.checks)
        for name, wanted in mandatory.items():
            record, _, field = name.partition(".")
            domain = self.domain_of(record)
            if wanted and domain and field in registry.get(record).stored:
                key = f"{record}-has-{field}".replace("_", "-")
                label = registry.get(record).stored[field].label
                found[key] = Check(
                    key, domain, record, "completeness", "filled", (field,), f"{label} is missing", "commercial:DQ-04"
                )
        return found

    def domain_of(self, record: str) -> str:
        """Return the domain of a type of records, "" where it belongs to none."""
        return next((one.key for one in self.domains.values() if record in one.records), "")


@cache
def catalogue() -> Catalogue:
    """Return what the data file says, checked. Raises `ValueError`."""
    raw: dict[str, Any] = read_yaml(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    labels = dict(DataSteward.Domain.choices)
    domains = {one["key"]: Domain(label=labels[one["key"]], **one) for one in raw["domains"]}
    if set(domains) != set(labels):
        raise ValueError(f"checks.yaml: exactly {', '.join(labels)} are expected as domains")
    known = Catalogue(domains, {})
    checks: dict[str, Check] = {}
    for one in raw["checks"]:
        key, record = one["key"], registry.get(one["record"])
        check_source(one["source"])
        if one["origin"] != "stated" and not one.get("why"):
            raise ValueError(f"{key}: what is {one['origin']} needs a why")
        if one["dimension"] not in DIMENSIONS or key in checks or not known.domain_of(record.name):
            raise ValueError(f"{key}: a key of its own, a known dimension and a record of a domain are expected")
        if unknown := [name for name in (*one["fields"], *one.get("shows", ())) if name not in record.stored]:
            raise ValueError(f"{key}: {record.name} has no field {', '.join(unknown)}")
        checks[key] = Check(
            key, known.domain_of(record.name), record.name, one["dimension"], one["test"], tuple(one["fields"]),
            one["fails"], one["source"], one.get("adds", ""), tuple(one.get("shows", ())), one.get("why", ""),
        )  # fmt: skip
    return Catalogue(domains, checks)

"""The KPI library: what can be measured, with formula, limits, owner and rhythm; and how to measure well.

`kpis.yaml` is the library. A KPI becomes a metric of the book when an administrator adopts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from trackline.core.playbook import rulebook
from trackline.core.scales import CUT

_FORMULAS = "accounts.kpi."
"""Rules that compute a single KPI; others cite KPIs that they read."""


@dataclass(frozen=True, slots=True)
class LibraryKpi:
    """A KPI. `green` and `amber` are cuts like `>= 40`, worse is red; `judged` says in words what stands instead of them.

    `by` says who set the limits: `stated` by the source, or `ours`. `metric` is the key of the metric that every book has
    for it, where its source does not name the code.
    """

    code: str
    name: str
    domain: str
    tells: str
    formula: str
    reads: str
    by: str
    unit: str = "percent"
    direction: str = "increase"
    kind: str = "lagging"
    cadence: str = "monthly"
    green: str = ""
    amber: str = ""
    judged: str = ""
    rule: str = ""
    metric: str = ""

    @property
    def computed_by(self) -> str:
        """The id of the rule that computes it, "" where none does."""
        if self.rule:
            return self.rule
        return next((one.id for one in rulebook() if self.code in one.spec and one.id.startswith(_FORMULAS)), "")

    @property
    def cuts(self) -> dict[str, str]:
        """Its cuts by band, none where it is judged in words."""
        return {band: cut for band, cut in (("green", self.green), ("amber", self.amber)) if cut}


@dataclass(frozen=True, slots=True)
class Domain:
    """A group of KPIs, and which role of ours usually owns them."""

    key: str
    label: str
    owner: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the customer's way: the domains and single codes of the KPIs that tell of it. Source: KPI-127."""

    key: str
    label: str
    domains: tuple[str, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Practice:
    """A rule of measuring well."""

    code: str
    name: str
    says: str


@dataclass(frozen=True, slots=True)
class Library:
    """All KPIs by code, their domains in order, and how to measure well."""

    kpis: dict[str, LibraryKpi]
    domains: dict[str, Domain]
    practice: tuple[Practice, ...]
    stages: dict[str, Stage]

    def stage_of(self, kpi: LibraryKpi) -> Stage | None:
        """Return the stage of the customer's way that a KPI tells of, None for those of the programme."""
        named = next((one for one in self.stages.values() if kpi.code in one.codes), None)
        return named or next((one for one in self.stages.values() if kpi.domain in one.domains), None)

    def search(self, words: str = "", domain: str = "") -> list[LibraryKpi]:
        """Return the KPIs of a domain ("": of all) that hold all words in code, name, formula or what they tell."""
        wanted = words.casefold().split()
        return [
            kpi
            for kpi in self.kpis.values()
            if domain in ("", kpi.domain)
            and all(word in f"{kpi.code} {kpi.name} {kpi.tells} {kpi.formula}".casefold() for word in wanted)
        ]


@cache
def library() -> Library:
    """Return the library. Raises `ValueError` for a cut that cannot be read or a domain that is unknown."""
    found = yaml.safe_load(files("trackline.accounts.rules").joinpath("kpis.yaml").read_text("utf-8"))
    domains = {key: Domain(key, **told) for key, told in found["domains"].items()}
    kpis = {row["code"]: LibraryKpi(**row) for row in found["kpis"]}
    for kpi in kpis.values():
        if kpi.domain not in domains or not all(CUT.fullmatch(cut) for cut in kpi.cuts.values()):
            raise ValueError(f"{kpi.code}: an unknown domain, or a cut that cannot be read.")
    stages = {
        key: Stage(key, told["label"], tuple(told["domains"]), tuple(told["codes"]))
        for key, told in found["stages"].items()
    }
    named = [one for stage in stages.values() for one in (*stage.domains, *stage.codes)]
    if len(set(named)) < len(named) or not all(one in domains or one in kpis for one in named):
        raise ValueError("stages: a domain or code is there twice, or unknown.")
    return Library(kpis, domains, tuple(Practice(**row) for row in found["practice"]), stages)

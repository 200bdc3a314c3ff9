"""Parameters of a rule: a frozen model of numbers, weights, bands and anchors whose values stand in the data file."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from trackline.core.decimals import HUNDRED, ZERO, plain, q6
from trackline.core.playbook.errors import Loc
from trackline.core.playbook.fields import Number, Numeric, Quantity, Share, refused
from trackline.core.scales import CUT, RED, Anchors, Bands, Cut

WEIGHT_TOLERANCE = Decimal("0.01")
SAVING = {"saving": True}
"""Context of a validation that refuses weights off 100 instead of scaling them (CNV-06)."""

_number = Numeric().read


class Parameters(BaseModel):
    """Base of a rule's parameters. Field types say the kind; the data file gives values, units, sources and origins."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON has them; what comes out may be given as overrides."""
        return {name: _json(getattr(self, name)) for name in type(self).model_fields}


def _json(value: Any) -> Any:
    if isinstance(value, Bands):
        return {cut.band: plain(cut.limit) for cut in value.cuts}
    if isinstance(value, Anchors):
        return {name: plain(getattr(value, name)) for name in _ANCHORS}
    if isinstance(value, Mapping):
        return {key: _json(item) for key, item in value.items()}
    return plain(value)


# -- kinds -------------------------------------------------------------------------------------------------------------


class _WeightsKind:
    """Weights by key: 0 or more, scaled to a sum of 100; where they are saved a sum off 100 ± 0.01 is refused."""

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self.read, handler.generate_schema(dict[str, Quantity]))

    @staticmethod
    def read(weights: dict[str, Decimal], info: ValidationInfo) -> dict[str, Decimal]:
        total = sum(weights.values(), ZERO)
        if total <= 0:
            raise refused("At least one weight above 0 is expected.")
        if info.context == SAVING and abs(total - HUNDRED) > WEIGHT_TOLERANCE:
            raise refused(f"Weights that sum to 100 are expected; these sum to {total.normalize():f}.")
        return weights if total == HUNDRED else {key: weight * HUNDRED / total for key, weight in weights.items()}


class _BandsKind:
    """Cuts by band, best first, as `{green: "> 75", amber: ">= 50"}`; the rest is red, or what `else` names."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "number"}}

    @staticmethod
    def read(value: Any) -> Bands:
        if not isinstance(value, Mapping):
            raise refused("An object of limits is expected.")
        cuts = []
        for band, text in value.items():
            if band == "else":
                continue
            found = CUT.fullmatch(text) if isinstance(text, str) else None
            if found is None:
                raise refused(f"{band}: a test such as >= 50 is expected.")
            cuts.append(Cut(band, found[1], q6(Decimal(found[2]))))
        bands = Bands(tuple(cuts), value.get("else", RED))
        if not cuts:
            raise refused("At least one band is expected.")
        if fault := bands.disorder():
            raise refused(f"{fault[0].upper()}{fault[1:]}.")
        return bands


class _AnchorsKind:
    """The four anchors of the norm: `{v0, v60, v80, v100}`, all rising or all falling."""

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.read, handler.generate_schema(dict[str, Number]))

    @staticmethod
    def read(values: dict[str, Decimal]) -> Anchors:
        if tuple(values) != _ANCHORS:
            raise refused(f"The anchors {', '.join(_ANCHORS)} are expected.")
        anchors = Anchors(**values)
        if fault := anchors.disorder():
            raise refused(f"{fault[0].upper()}{fault[1:]}.")
        return anchors


_ANCHORS = ("v0", "v60", "v80", "v100")

Weights = Annotated[dict[str, Decimal], _WeightsKind()]
BandCuts = Annotated[Bands, _BandsKind()]
NormAnchors = Annotated[Anchors, _AnchorsKind()]
Table = dict[str, Number]
"""Numbers by key."""
Shares = dict[str, Share]
"""Percentages of a whole, or points of a hundred, by key."""


class WeightedParameters(Parameters):
    """Parameters of a weighted score. `min_coverage` and `provisional_below` stand in `shared.yaml` (CNV-06)."""

    weights: Weights
    min_coverage: Quantity
    provisional_below: Quantity


# -- laying one set of values over another -----------------------------------------------------------------------------


class Misplaced(ValueError):
    """An override that has no place in the values it is laid over."""

    def __init__(self, loc: Loc, message: str) -> None:
        self.loc, self.message = loc, message
        super().__init__(message)


def overlay(base: Any, over: Any, loc: Loc = ()) -> Any:
    """Return `base` with the values of `over` in place of its own; maps are merged key by key.

    A number laid over a cut (`>= 50`) moves its limit and keeps its test. Raises `Misplaced` for unknown keys, for null,
    and where one side is a map and the other is not.
    """
    if isinstance(base, Mapping):
        return _merged(base, over, loc)
    if isinstance(base, str) and (cut := CUT.fullmatch(base)):
        if isinstance(over, str) and CUT.fullmatch(over):
            return over
        try:
            limit = _number(over)
        except PydanticCustomError:
            raise Misplaced(loc, "A number is expected.") from None
        return f"{cut[1]} {limit:f}"
    if over is None or isinstance(over, Mapping):
        raise Misplaced(loc, "A value is expected.")
    return over


def _merged(base: Mapping[str, Any], over: Any, loc: Loc) -> dict[str, Any]:
    if not isinstance(over, Mapping):
        raise Misplaced(loc, "An object is expected.")
    out = dict(base)
    for key, value in over.items():
        if key not in base or key == "else":
            raise Misplaced((*loc, key), f"There is no such {'key' if loc else 'parameter'}.")
        out[key] = overlay(base[key], value, (*loc, key))
    return out


def stacked(lower: Any, upper: Any) -> Any:
    """Return two sets of overrides as one, `upper` over `lower`; a number over a cut (`>= 50`) keeps its test."""
    if isinstance(lower, Mapping) and isinstance(upper, Mapping):
        return {**lower, **{key: stacked(lower[key], value) if key in lower else value for key, value in upper.items()}}
    if isinstance(lower, str) and (cut := CUT.fullmatch(lower)) and isinstance(upper, int | float | Decimal):
        return upper if isinstance(upper, bool) else f"{cut[1]} {_number(upper):f}"
    return upper

"""What a template needs to draw one field: the facts of the field, what is entered, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from django.utils import timezone

SEGMENTS_AT_MOST = 4
"""Up to so many choices stand side by side; more are a list."""


class Facts(Protocol):
    """The part of a `FieldSpec` that a form draws."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def help(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def read_only(self) -> bool: ...
    @property
    def choices(self) -> Sequence[tuple[Any, str]]: ...
    @property
    def max_length(self) -> int | None: ...


@dataclass(kw_only=True)
class FormField:
    """One field as drawn by `kit/c/form_field.html`; see there for what each part does.

    `value` is what stands in the control; `selected` what is chosen in a type-ahead (`{"value", "label"}` each).
    """

    name: str
    kind: str = "text"
    label: str = ""
    help: str = ""
    required: bool = False
    read_only: bool = False
    choices: Sequence[tuple[Any, str]] = ()
    max_length: int | None = None
    value: Any = None
    errors: Sequence[str] = ()
    selected: Sequence[Mapping[str, Any]] = ()
    options_url: str = ""
    currency: str = ""
    currencies: Sequence[str] = ()
    currency_name: str = "currency"
    unit: str = ""
    placeholder: str = ""
    autocomplete: str = ""
    autofocus: bool = False
    widget: str = ""
    wide: bool = False

    @classmethod
    def of(cls, spec: Facts, value: Any = None, errors: Iterable[str] = (), **more: Any) -> FormField:
        """Draw the field of a record type; `value` is the stored value, or the text that was refused."""
        return cls(
            name=spec.name,
            kind=spec.kind,
            label=spec.label,
            help=spec.help,
            required=spec.required,
            read_only=spec.read_only,
            choices=spec.choices,
            max_length=spec.max_length,
            value=entry(value),
            errors=tuple(errors),
            wide=spec.kind == "longtext",
            **more,
        )

    @property
    def grouped(self) -> bool:
        """Whether the choices stand side by side, so that the label names a group."""
        if self.widget:
            return self.widget in ("segmented", "radio")
        few = 0 < len(self.choices) <= SEGMENTS_AT_MOST
        return self.kind == "choice" and self.required and not self.read_only and few


def entry(value: Any) -> Any:
    """A stored value as it stands in a control: days as ISO, instants in local time, decimals without padding."""
    if isinstance(value, datetime):
        return (
            timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")
            if timezone.is_aware(value)
            else f"{value:%Y-%m-%dT%H:%M}"
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value

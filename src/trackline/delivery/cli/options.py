"""Options that several commands take: days, pairs, the filters of accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, TypeVar

import click

from trackline.book.queries.narrowing import FILTERS

F = TypeVar("F", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value) if len(value) == len("2026-06-30") else self.fail("", param, ctx)
        except (ValueError, click.BadParameter):
            self.fail(f"{value!r} is no date: YYYY-MM-DD is expected.", param, ctx)


class Pair(click.ParamType[tuple[str, str]]):
    """A name and a number as NAME=NUMBER."""

    name = "pair"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return name and number."""
        if isinstance(value, tuple):
            return value
        key, sign, number = value.partition("=")
        if not key or not sign:
            self.fail(f"{value!r}: NAME=NUMBER is expected, like risk=2.", param, ctx)
        return key.strip(), number.strip()


NARROWED = (
    ("owner", "Only accounts of this manager, by user name."),
    ("tier", "Only accounts of this tier."),
    ("region", "Only accounts of this region."),
    ("industry", "Only accounts of this industry."),
    ("group", "Only this account, by its key, and those below it."),
)
as_of_option = click.option(
    "--as-of", type=Day(), metavar="DATE", help="The day the figures are of, YYYY-MM-DD. [default: today]"
)


def narrowed(command: F) -> F:
    """Give a command the filters of accounts; they come as one mapping `filters`."""

    @wraps(command)
    def run(**given: Any) -> Any:
        filters = {name: value for name in FILTERS if (value := given.pop(name))}
        return command(filters=filters, **given)

    for name, words in reversed(NARROWED):
        run = click.option(f"--{name}", metavar="TEXT", help=words)(run)
    return run  # type: ignore[return-value]  # options change no signature that callers see

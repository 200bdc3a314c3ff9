"""Turns expected failures into one clear message and an exit code: 1 failed, 2 wrong usage or input (3, done in part, is
the import's own)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, OperationalError

from trackline.delivery.upkeep.problems import UnableToContinue
from trackline.kit.problems import Problem

BAD_INPUT = (400, 422)


class Failed(click.ClickException):
    """The command could not do its work; nothing is half done."""

    exit_code = 1


class Refused(click.ClickException):
    """The input is wrong."""

    exit_code = 2


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Within, expected failures leave as click errors."""
    try:
        yield
    except UnableToContinue as problem:
        raise Failed(str(problem)) from problem
    except Problem as problem:
        kind = Refused if problem.status in BAD_INPUT else Failed
        raise kind(describe(problem)) from problem
    except (OperationalError, InterfaceError) as problem:
        raise Failed(
            f"The database does not answer: {str(problem).strip()}\nCheck TRACKLINE_DATABASE_URL and that the server runs."
        ) from problem
    except DatabaseError as problem:
        raise Failed(f"The database refused: {str(problem).strip()}\n`trackline check` may tell more.") from problem
    except ImproperlyConfigured as problem:
        raise Failed(str(problem)) from problem


def describe(problem: Problem) -> str:
    """The problem's sentence, then each field error on a line of its own."""
    if not problem.errors:
        return problem.detail
    lines = [f"  {'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in problem.errors]
    told = all(str(error["msg"]) in problem.detail for error in problem.errors)
    return "\n".join([f"{problem.title}:" if told else problem.detail, *lines])

"""A shell for the command."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner

from trackline.delivery.cli.root import root

CHECKOUT = {"PYTHONPATH": os.pathsep.join(sys.path)}
"""Environment of a process of its own, so that it runs what is tested, whatever is installed beside."""


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document."""
        return json.loads(self.out)


Shell = Callable[..., Done]


@pytest.fixture
def shell() -> Shell:
    """Run `trackline` with words and, where given, standard input."""

    def run(*words: str, stdin: str | None = None) -> Done:
        result = CliRunner().invoke(root, words, input=stdin, catch_exceptions=False)
        return Done(result.exit_code, result.stdout, result.stderr)

    return run

"""The command tree: help, suggestions, exit codes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.delivery.cli.conftest import CHECKOUT
from trackline.delivery.cli.root import COMMANDS, root


def commands(context: click.Context) -> Iterator[click.Context]:
    group = context.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        below = click.Context(found, info_name=name, parent=context)
        yield below
        if isinstance(found, click.Group):
            yield from commands(below)


ALL = list(commands(click.Context(root, info_name="trackline")))


@pytest.mark.parametrize("context", ALL, ids=lambda context: context.command_path)
def test_every_command_explains_itself_with_an_example(context: click.Context) -> None:
    text = context.get_help()
    assert context.command.help
    assert "Examples:" in text
    assert context.command_path in text.partition("Examples:")[2]


@pytest.mark.parametrize("context", ALL, ids=lambda context: context.command_path)
def test_every_option_explains_itself(context: click.Context) -> None:
    for option in context.command.params:
        assert not isinstance(option, click.Option) or option.help


def test_the_list_of_commands_needs_no_settings(tmp_path: Path) -> None:
    environment = CHECKOUT | {"TRACKLINE_DATABASE_URL": "nonsense", "TRACKLINE_HOME": str(tmp_path / "never")}
    done = subprocess.run(
        [sys.executable, "-m", "trackline", "--help"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert all(name in done.stdout for name in COMMANDS)
    assert not (tmp_path / "never").exists()


def test_wrong_settings_stop_every_command_with_2(tmp_path: Path) -> None:
    environment = CHECKOUT | {"TRACKLINE_TIME_ZONE": "Europe/Berln", "TRACKLINE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "trackline", "init"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "did you mean Europe/Berlin?" in done.stderr
    assert "docs/configuration.md" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_slip_is_met_with_a_suggestion() -> None:
    done = CliRunner().invoke(root, ["serv"])
    assert done.exit_code == 2
    assert "Did you mean" in done.stderr
    assert "'serve'" in done.stderr


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(root, ["--version"]).stdout.startswith("Trackline, version ")

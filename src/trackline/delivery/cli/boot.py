"""Starts Django for a command, or says why it cannot."""

from __future__ import annotations

import os

import click
import django

from trackline.delivery import env
from trackline.kit.garbage import few_collections

USAGE = 2


class StartRefused(click.ClickException):
    """The environment is wrong; nothing was started."""

    exit_code = USAGE

    def format_message(self) -> str:
        return f"Trackline cannot start:\n\n{self.message}\n\nEvery setting is explained in docs/configuration.md."


def start() -> env.Environment:
    """Validate the environment and set Django up; needed before any module that imports models."""
    try:
        environment = env.load()
        environment.key()
    except env.EnvironmentInvalid as problem:
        raise StartRefused(str(problem)) from problem
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trackline.delivery.settings")
    with few_collections():
        django.setup()
    return environment

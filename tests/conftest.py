"""Fixtures for every test: a home folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path, settings: object) -> Path:
    """An empty data folder which the settings point at."""
    folder = tmp_path / "home"
    folder.mkdir()
    settings.HOME = folder  # type: ignore[attr-defined]  # pytest-django's wrapper takes any setting
    return folder

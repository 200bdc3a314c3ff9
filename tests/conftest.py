"""Fixtures for every test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

# How long one example takes says nothing on a busy machine; slowness is measured in `bench`.
hypothesis_settings.register_profile("trackline", deadline=None)
hypothesis_settings.load_profile("trackline")


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """An empty data folder, in force for this test."""
    folder = tmp_path / "home"
    folder.mkdir()
    settings.HOME = folder
    settings.MEDIA_ROOT = folder / "uploads"
    return folder

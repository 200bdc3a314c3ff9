"""Fixtures for every test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

from trackline.accounts.settings import DEFAULTS

# How long one example takes says nothing on a busy machine; slowness is measured in `bench`.
hypothesis_settings.register_profile("trackline", deadline=None)
hypothesis_settings.load_profile("trackline")

# Tests read the day where pages do: around midnight it is not the server's day.
timezone.activate(str(DEFAULTS["book.time_zone"]))


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """An empty data folder, in force for this test."""
    folder = tmp_path / "home"
    folder.mkdir()
    settings.HOME = folder
    settings.MEDIA_ROOT = folder / "uploads"
    return folder

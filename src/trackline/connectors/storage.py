"""Where an import keeps its files: uploads, rejected rows, progress. One folder per run below the data folder."""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings

_FOLDER = "imports"
_UPLOADS = "uploads"
_PROGRESS = "progress.json"


def new_folder() -> str:
    """Make a folder for a run and return its name."""
    name = uuid.uuid4().hex
    path_of(name).mkdir(parents=True, mode=0o700)
    return name


def path_of(folder: str) -> Path:
    """The path of a run's folder."""
    return Path(settings.HOME) / _FOLDER / folder


def uploads_of(folder: str) -> Path:
    """The folder of a run's uploads."""
    path = path_of(folder) / _UPLOADS
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def remove(folder: str) -> None:
    """Remove a run's folder with all in it."""
    if folder:
        shutil.rmtree(path_of(folder), ignore_errors=True)


def remove_uploads(folder: str) -> None:
    """Remove what was uploaded; rejected rows stay."""
    if folder:
        shutil.rmtree(path_of(folder) / _UPLOADS, ignore_errors=True)


def write_progress(folder: str, facts: dict[str, Any]) -> None:
    """Tell how far a run is. A file, since the database belongs to the run's transaction meanwhile."""
    path = path_of(folder)
    draft = path / f"{_PROGRESS}.{os.getpid()}"
    draft.write_text(json.dumps(facts), encoding="utf-8")
    draft.replace(path / _PROGRESS)


def read_progress(folder: str) -> dict[str, Any]:
    """How far a run is; empty where it has not said."""
    try:
        found: dict[str, Any] = json.loads((path_of(folder) / _PROGRESS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def progress_age(folder: str) -> float:
    """Seconds since a run last said how far it is; infinite where it never did."""
    try:
        return time.time() - (path_of(folder) / _PROGRESS).stat().st_mtime
    except OSError:
        return float("inf")

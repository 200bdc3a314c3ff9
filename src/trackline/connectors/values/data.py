"""Files of words that stand beside the code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read_data(path: Path) -> Any:
    """Return what a YAML file holds. Read by the C library: these files are long, and every import waits for them."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)

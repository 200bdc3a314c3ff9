"""Names of companies as they are compared."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml


@cache
def legal_forms() -> frozenset[str]:
    """Words at the end of a name that only companies have (`gmbh`, `inc`)."""
    data = yaml.safe_load((Path(__file__).parent / "rules" / "names.yaml").read_text(encoding="utf-8"))
    return frozenset(data["legal_forms"])

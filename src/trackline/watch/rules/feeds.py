"""What feeds the signals and the churn-risk index: the data file, read once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from trackline.core.playbook.feeds import Feeds, file_feeds


@cache
def feeds() -> Mapping[str, Feeds]:
    """Return the feeds of each rule as shipped."""
    return file_feeds(Path(__file__).with_suffix(".yaml"))

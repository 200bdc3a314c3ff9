"""The page in `docs/` names every resource and every address."""

from __future__ import annotations

import re
from pathlib import Path

from tests.delivery.api.world import TYPES
from trackline.delivery.api.document import document
from trackline.delivery.api.main import api as assembled

MANUAL = Path(__file__).parents[3] / "docs" / "api.md"


def test_every_resource_and_every_other_address_is_in_the_manual() -> None:
    text = re.sub(r"```.*?```", "", MANUAL.read_text("utf-8"), flags=re.DOTALL)
    words = set(re.findall(r"`([^`]+)`", text))
    assert {rtype.resource for rtype in TYPES} <= words
    resources = {rtype.resource for rtype in TYPES}
    for path in document(assembled)["paths"]:
        short = path.removeprefix("/api/v1")
        first, *rest = short.strip("/").split("/")
        if first not in resources or (rest and rest not in (["{id}"], ["{id}", "history"], ["{id}", "restore"])):
            assert re.search(rf"`[A-Z]+ {re.escape(short)}[`?]", text), short

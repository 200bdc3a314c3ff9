"""What no font of the machine can show is said: in the PDF, and by the self-check."""

from __future__ import annotations

import pytest

from trackline.delivery.upkeep import checks
from trackline.documents import scripts, typesetting


def test_scripts_without_a_font_are_found_in_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    thai, emoji = (next(one for one in scripts.scripts() if one.name == name) for name in ("Thai", "Emoji"))
    monkeypatch.setattr(scripts, "without_font", lambda: (thai, emoji))
    assert scripts.missing_in("Okada, Zürich – “quoted” 中文 🚀 ไทย") == ["Thai", "Emoji"]
    assert scripts.missing_in("Okada, Zürich – “quoted” 中文") == []
    assert typesetting._given("paper", {"title": "ไทย"})["boxes"].startswith("No font for Thai on the machine")
    assert typesetting._given("paper", {"title": "Okada"})["boxes"] == ""


def test_a_script_that_a_font_has_is_not_missing() -> None:
    lacking = {one.name for one in scripts.without_font()}
    assert not lacking & {"Greek", "Cyrillic"}


def test_the_self_check_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    thai = next(one for one in scripts.scripts() if one.name == "Thai")
    monkeypatch.setattr(checks, "without_font", lambda: (thai,))
    found = checks._fonts()
    assert not found.failed and "Thai" in found.found and "fonts-noto-core" in found.found
    monkeypatch.setattr(checks, "without_font", tuple)
    assert "every script" in checks._fonts().found

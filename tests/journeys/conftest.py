"""A browser in front of the running product: Debian's Chromium through Playwright, signed in as one of the cast."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.factories import PASSWORD, Cast, make_cast

CHROMIUM = os.environ.get("TRACKLINE_TEST_CHROMIUM") or next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
        if (found := shutil.which(name))
    ),
    "",
)
# Playwright's loop runs in this thread; Django would otherwise refuse to touch the database beside it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as browser tests."""
    for item in items:
        if "journeys" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session."""
    if not CHROMIUM:
        pytest.skip("no Chromium found")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield found
        found.close()


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The fixed cast around one account, in team scope."""
    return make_cast()


@pytest.fixture
def open_page(browser: Browser, live_server: Any, cast: Cast) -> Iterator[Callable[..., Page]]:
    """Open a signed-in page: `open_page("owner", "/accounts", width=390, height=844, scheme="dark")`."""
    contexts = []

    def go(person: str, path: str = "/", *, width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.problems = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.problems.append(str(error)))  # type: ignore[attr-defined]
        page.on(
            "console",
            lambda message: page.problems.append(message.text) if message.type == "error" else None,  # type: ignore[attr-defined]
        )
        page.goto("/sign-in")
        page.fill("input[name=username]", cast.everyone()[person].username)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        if path != "/":
            page.goto(path)
        return page

    yield go
    for context in contexts:
        context.close()

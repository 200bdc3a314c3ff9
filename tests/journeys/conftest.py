"""A browser in front of the running product: Debian's Chromium through Playwright, signed in as somebody."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.factories import Cast, make_cast
from tests.journeys import books as made
from tests.journeys.books import Books

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
PATIENCE_MS = 30_000
"""Long enough for a busy machine; nothing waits for it but what fails."""
REFUSAL = re.compile(r"the server responded with a status of (409|412|422) ")
"""The browser notes a refused form as an error; the page answers it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as browser tests."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session."""
    if not CHROMIUM:
        pytest.skip("no Chromium found")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield found
        found.close()


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """The database files of the session."""
    own = tmp_path_factory.mktemp("books")
    return Books(tmp_path_factory.getbasetemp().parent if os.environ.get("PYTEST_XDIST_WORKER") else own, own)


@pytest.fixture(scope="session")
def address(django_db_blocker: Any) -> Iterator[str]:
    """Where the product answers, from the book that is open."""
    with django_db_blocker.unblock():
        thread = LiveServerThread("127.0.0.1", lambda app: app)
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
        if thread.error:
            raise thread.error
        yield f"http://127.0.0.1:{thread.port}"
        thread.terminate()


@pytest.fixture
def opened() -> list[Page]:
    """The pages of this test. Who closes a book closes them first: they would go on asking."""
    return []


@pytest.fixture
def book(books: Books, opened: list[Page], django_db_blocker: Any) -> Iterator[None]:
    """An empty book for this test."""
    with django_db_blocker.unblock(), books.open(made.empty):
        yield
        close(opened)


@pytest.fixture
def sample(books: Books, opened: list[Page], django_db_blocker: Any) -> Iterator[None]:
    """The sample book for this test."""
    with django_db_blocker.unblock(), books.open(made.sample):
        yield
        close(opened)


@pytest.fixture
def cast(book: None) -> Cast:
    """The fixed cast around one account, in team scope."""
    return make_cast()


@pytest.fixture
def visit(browser: Browser, address: str, opened: list[Page]) -> Iterator[Callable[..., Page]]:
    """Open a page as a user, or as nobody: `visit(user, "/accounts", width=390, height=844, scheme="dark")`.

    Each call is a browser of its own. What the browser complains of is kept in `page.problems`, and fails the test.
    """

    def go(user: Any, path: str = "/", *, width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        if user is not None:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": address}])
        page = context.new_page()
        opened.append(page)
        page.set_default_timeout(PATIENCE_MS)
        problems: list[str] = []
        page.problems = problems  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                problems.append(f"{page.url}: {message.text}")
                if message.type == "error" and not REFUSAL.search(message.text)
                else None
            ),
        )
        page.goto(path)
        return page

    yield go
    close(opened)
    complaints = [problem for page in opened for problem in page.problems]  # type: ignore[attr-defined]
    assert not complaints, complaints


@pytest.fixture
def open_page(visit: Callable[..., Page], cast: Cast) -> Callable[..., Page]:
    """Open a page as one of the cast: `open_page("owner", "/accounts", width=390)`."""

    def go(person: str, path: str = "/", **more: Any) -> Page:
        return visit(cast.everyone()[person], path, **more)

    return go


def close(pages: list[Page]) -> None:
    """Close the browsers of some pages; those that are closed stay so."""
    for page in pages:
        page.context.close()


def session_of(user: Any) -> str:
    """Return the cookie of a new session: signing in is a journey of its own."""
    client = Client()
    client.force_login(user)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)

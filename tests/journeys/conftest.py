"""A real Chromium for the journeys. Where there is none they are skipped; with RENPU_REQUIRE_BROWSER=1 they fail."""

import os
import shutil

import pytest

from tests.journeys.phone import APP

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = "There is no Chromium here. On Debian: apt-get install chromium fonts-noto-cjk; or set RENPU_BROWSER=/path/to/it."


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Path of a Chromium: RENPU_BROWSER, or the first one on PATH."""
    found = os.environ.get("RENPU_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        (pytest.fail if os.environ.get("RENPU_REQUIRE_BROWSER") else pytest.skip)(HOW)
    return found


@pytest.fixture(scope="module")
def playwright(browser_path):
    """Playwright's drivers of browsers, for the journeys of one file; the field client must be built.

    It ends with the file, as Django refuses its database in a thread that has a running event loop.
    """
    from playwright.sync_api import sync_playwright

    if not APP.exists():
        pytest.fail("The field client is not built. Run: make build")
    with sync_playwright() as driver:
        yield driver

"""The field client is served so that a new version is found, and works under its own policy."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

pytestmark = pytest.mark.django_db
BUILT = finders.find("app/index.html")


@pytest.fixture
def browser():
    assert BUILT, "run make build"
    return Client()


def test_the_page_and_its_worker_are_asked_for_each_time(browser):
    for path in ("/app/", "/app/index.html", "/app/sw.js", "/app/manifest.webmanifest"):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        assert "no-cache" in answer["Cache-Control"]
        assert "'wasm-unsafe-eval'" in answer["Content-Security-Policy"]


def test_what_carries_a_hash_stays(browser):
    page = b"".join(browser.get("/app/").streaming_content).decode()
    script = re.search(r'src="(/app/assets/[^"]+\.js)"', page)[1]
    answer = browser.get(script)
    assert "immutable" in answer["Cache-Control"]
    assert "javascript" in answer["Content-Type"]


@pytest.mark.parametrize(
    "path", ["/app/nothing.js", "/app/../settings.py", "/app/%2e%2e/console/console.js", "/app/assets"]
)
def test_nothing_else_is_served(browser, path):
    assert browser.get(path).status_code in (400, 404)

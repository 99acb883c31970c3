import os

import pytest

from tests.tracing.away import Away
from tests.tracing.two import Two

collect_ignore = [] if os.environ.get("RENPU_DATABASE") else ["test_at_once.py", "test_asked_at_once.py"]


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def two(db):
    return Two()


@pytest.fixture
def away(db, tmp_path):
    world = Away()
    world.folder = tmp_path
    return world

import os

import pytest

from tests.coverage.ledger import Ledger

collect_ignore = [] if os.environ.get("RENPU_DATABASE") else ["test_at_once.py"]


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ledger(db):
    """The invented street of the site's tests, with items opened on it."""
    return Ledger()

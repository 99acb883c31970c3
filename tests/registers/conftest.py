import pytest

from tests.site.street import Office


@pytest.fixture
def office(db, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return Office()

"""What every test stands on: an installation of its own, and a PostgreSQL server from PyPI."""

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as properties

from bench.postgres import package

# a busy machine is no fault of what is tested; new examples are looked for at a desk, not where a change has to pass
properties.register_profile(
    "renpu", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
properties.load_profile("renpu")


LONG = ("tests/postgres/", "tests/crash/", "tests/journeys/")  # the longest first


def pytest_collection_modifyitems(items):
    """Files of few and long tests are handed out first: the last to run would have one processor to themselves."""
    items.sort(key=lambda item: [not item.nodeid.startswith(folder) for folder in LONG])


@pytest.fixture(autouse=True, scope="session")
def home(tmp_path_factory):
    """Keys and files of the tests lie in a folder of their own."""
    settings.HOME = tmp_path_factory.mktemp("home")
    return settings.HOME


@pytest.fixture(autouse=True)
def _installed_language():
    """A page that an earlier test read in English leaves its thread in English; a server's next page begins anew."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(scope="session")
def pg_dsn():
    """A running PostgreSQL of its own, as postgresql:// address; it stops when the session ends."""
    with tempfile.TemporaryDirectory(prefix="renpu-pg-") as folder:
        Path(folder).chmod(0o711)  # as root the server runs as a user of its own
        data = Path(folder, "data")
        server = package().get_server(data, cleanup_mode="delete")
        try:
            yield f"postgresql://postgres:@/postgres?host={data}"
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def on_postgres(pg_dsn):
    """Runs a folder of tests again with PostgreSQL as the store; gives pytest's closing line."""

    def run(*folders: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "not pg and not browser", *folders],
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "RENPU_DATABASE": pg_dsn, "PYTEST_ADDOPTS": ""},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        return done.stdout.strip().splitlines()[-1]

    return run


@pytest.fixture(scope="module")
def street(django_db_setup, django_db_blocker):
    """The packaged sample street with its registers and its season, in the database while a module's tests run."""
    from django.db import transaction

    from renpu.editing import checks
    from renpu.site.management.commands.demo import Command
    from renpu.synthetic.frame import StreetFolder, load_frame, packaged_street
    from renpu.synthetic.play import play

    folder = StreetFolder(packaged_street())
    with django_db_blocker.unblock(), transaction.atomic():
        checks.forget()
        main, _ = load_frame(folder)
        Command(stdout=io.StringIO()).registers(folder)
        play(folder)
        yield main
        transaction.set_rollback(True)
    checks.forget()

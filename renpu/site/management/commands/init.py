"""`renpu init`: a new, empty installation in RENPU_HOME, or an existing one brought up to date."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from renpu.platform.keys import key_file


def prepare() -> None:
    """The folder, the keys and the tables of this installation; harmless when they are there."""
    settings.HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("session", "data", "index"):
        key_file(settings.HOME, name)
    call_command("migrate", verbosity=0, interactive=False)


class Command(BaseCommand):
    help = __doc__ + "\n\nExample: renpu --home my-census init --admin office"

    def add_arguments(self, parser):
        parser.add_argument("--admin", metavar="NAME", help="make this administrator; the password is asked for")

    def handle(self, *, admin, **options):
        prepare()
        if admin and not get_user_model().objects.filter(username=admin).exists():
            call_command("createsuperuser", username=admin, email="")
        self.stdout.write(f"Ready in {settings.HOME}.")

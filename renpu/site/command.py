"""The command `renpu`: Django's manage.py under a better name, for every room's commands."""

import os
import sys


def main(argv: list[str] | None = None) -> None:
    """Run one command. `--home DIR` anywhere on the line stands for RENPU_HOME=DIR."""
    args = list(sys.argv if argv is None else argv)
    for at, word in enumerate(args):
        if word == "--home" and at + 1 < len(args):
            os.environ["RENPU_HOME"] = args[at + 1]
            del args[at : at + 2]
            break
        if word.startswith("--home="):
            os.environ["RENPU_HOME"] = word.partition("=")[2]
            del args[at]
            break
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "renpu.site.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError, ProgrammingError

    try:
        execute_from_command_line(args)
    except (OperationalError, ProgrammingError) as problem:
        if "no such table" not in str(problem) and "does not exist" not in str(problem) and settings.HOME.is_dir():
            raise
        sys.exit(
            f"There is no census in {settings.HOME}. Make one with `renpu init` or `renpu demo`, "
            "or say with --home where it is."
        )


if __name__ == "__main__":
    main()

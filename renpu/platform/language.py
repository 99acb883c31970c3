"""Words that stand as data in two languages, in the one that the reader reads."""

from django.utils.translation import get_language

from renpu.concepts.codes import UnknownCode
from renpu.concepts.codes import label as label_of


def in_language(zh: str, en: str) -> str:
    """The one of two texts that the reader reads."""
    return en if (get_language() or "").startswith("en") else zh


def code_word(code_list: str, code: str | int | None) -> str:
    """What a code means; the code itself where the list does not have it, nothing for a missing one."""
    if code is None or code == "":
        return ""
    try:
        return in_language(*label_of(code_list, code))
    except UnknownCode:
        return str(code)


def code_zh(code_list: str, code: str | int | None) -> str:
    """What a code means in Chinese, whatever the reader reads: for documents that are written in it."""
    return "" if code is None or code == "" else label_of(code_list, code).zh

"""Names of people as offices and enumerators write them: one writing for each name, and a key to find it by.

Full width becomes half width (NFKC); spaces inside a Chinese name are layout (张　三 is 张三); the dot of minority
names is U+00B7 however it was typed; a former name in brackets (曾用名) is set apart. A character that was lost on the
way cannot be brought back: it is told and the name kept as it is.

    notes     spaces, former
    problems  missing, odd_characters (a lost character, a digit, a sign, markup)
"""

import re
import unicodedata
from dataclasses import dataclass

_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\u00ad]")
_DOTS = re.compile(r"\s*[·・•‧∙⋅●]\s*")
_HAN = "\u2e80-\u2fdf\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_FULL_STOP_BETWEEN_HAN = re.compile(f"(?<=[{_HAN}])\\s*[.。]\\s*(?=[{_HAN}])")
_CHINESE = re.compile(f"[{_HAN}·?*\ufffd\\s]*[{_HAN}][{_HAN}·?*\ufffd\\s]*")
_PLAIN = re.compile("[\u4e00-\u9fff]{2,4}")
_FORMER = re.compile(
    r"(?P<now>.*?)\s*(?:"
    r"[(\[〔【](?:曾用名|原名|旧名|又名)\s*[:,]?\s*(?P<labelled>[^()\[\]〔〕【】]+)[)\]〕】]"
    r"|(?:曾用名|原名|旧名)\s*[:,]?\s*(?P<bare>.+)"
    r")\s*",
    re.DOTALL,
)
_SIGNS_OF_NAMES = frozenset("·〇 -'.,’")


@dataclass(frozen=True, slots=True)
class Name:
    """What was read. `value` is the name in its one writing, empty where there is none; `former` the former name."""

    value: str
    former: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def read(text: str) -> Name:
    """The name in a text."""
    if _PLAIN.fullmatch(text):
        return Name(text)
    whole = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()
    apart = _FORMER.fullmatch(whole)
    former = ""
    if apart and apart["now"]:
        whole, former = apart["now"], _written(apart["labelled"] or apart["bare"])
    value = _written(whole)
    notes = ("spaces",) * (len(value.split()) < len(whole.split())) + ("former",) * bool(former)
    if not value:
        return Name("", former, notes, ("missing",))
    fit = all(map(_fits, value + former))
    return Name(value, former, notes, () if fit else ("odd_characters",))


def key(name: str) -> str:
    """What a name is looked up by: equal for every writing of one name, without its former name; case does not
    matter."""
    return name if _PLAIN.fullmatch(name) else read(name).value.upper()


def _written(name: str) -> str:
    """The one writing of a name that is already in NFKC."""
    name = _FULL_STOP_BETWEEN_HAN.sub("·", _DOTS.sub("·", name))
    return "".join(name.split()) if _CHINESE.fullmatch(name) else " ".join(name.split())


def _fits(character: str) -> bool:
    """Can the character belong to a name, in any script?"""
    return character in _SIGNS_OF_NAMES or unicodedata.category(character)[0] in "LM"

"""Tags of the office's templates: words in the reader's language, numbers, and what an empty list says."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from renpu.coverage.items import open_of_households
from renpu.platform.language import code_word, in_language
from renpu.platform.roles import may

register = template.Library()


@register.simple_tag
def word(zh_and_en):
    """A pair (zh, en), or anything with `name_zh` and `name_en`, in the reader's language."""
    if hasattr(zh_and_en, "name_zh"):
        return in_language(zh_and_en.name_zh, zh_and_en.name_en)
    return in_language(*zh_and_en[:2])


@register.simple_tag
def definition(indicator):
    return in_language(indicator.definition_zh, indicator.definition_en)


@register.simple_tag
def label(code_list: str, code):
    return code_word(code_list, code)


@register.simple_tag(takes_context=True)
def can(context, action: str, area_code: str) -> bool:
    """May the reader do this here? It hides what would be answered with 403."""
    return may(context["user"], action, area_code)


@register.simple_tag
def open_work(households) -> str:
    """Gives each household of a list `open_items`: how many items of the work ledger are open about it."""
    found = open_of_households(h.pk for h in households)
    for household in households:
        household.open_items = found.get(household.pk, 0)
    return ""


@register.simple_block_tag
def empty(content):
    """What a page says where there is nothing to show: {% empty %}why, and what to do{% endempty %}."""
    return format_html('<div class="nothing">{}</div>', mark_safe(content.strip()))  # rendered by its template


@register.filter
def count(n) -> str:
    """A number with its thousands set apart; a dash for none."""
    return "–" if n is None else f"{n:,}"


@register.filter
def share(n, of) -> str:
    """n of `of` in percent with one decimal; a dash where there is nothing to compare with."""
    return f"{100 * n / of:.1f}%" if of else "–"


@register.filter
def tone(code) -> str:
    """The colour class of a household status."""
    return {1: "done", 90: "todo", 91: "stop", 6: "none", 9: "none", 7: "none"}.get(code, "away")

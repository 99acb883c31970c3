"""Tags of the ledger's templates: the words of the three checks of a vacant dwelling."""

from django import template

from renpu.coverage import vacancy_check, words

register = template.Library()


@register.simple_tag
def check_name(code: str):
    return vacancy_check.NAMES[code]


@register.simple_tag
def answers(code: str):
    """What a check may show: code -> words."""
    return words.CHECKS[code]


@register.simple_tag
def showed(code: str, answer: str):
    return words.CHECKS[code][answer]


@register.simple_tag
def asked(whom: str):
    return words.ASKED[whom]

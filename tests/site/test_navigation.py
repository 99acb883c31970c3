"""The office's navigation: every page is found from it, and a page stands in one place."""

import pytest
from django.urls import get_resolver, reverse

from renpu.platform.models import Role
from renpu.site.navigation import SECTIONS
from tests.site.street import HERE

ENTRIES = [entry for section in SECTIONS for entry in section.entries]


def named_urls(patterns) -> list[str]:
    found = []
    for pattern in patterns:
        found += named_urls(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern.name]
    return [name for name in found if name]


def test_the_name_of_an_address_is_given_once():
    names = named_urls(get_resolver().url_patterns)
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.to)
def test_each_entry_opens_and_is_marked_as_the_page_one_is_on(office, entry):
    page = office.at(Role.STREET_OFFICE).get(reverse(entry.to))
    assert page.status_code == 200
    header = page.text.partition("</header>")[0]
    assert header.count('aria-current="true"') == 1
    pages = next(section.entries for section in SECTIONS if entry in section.entries)
    assert header.count('aria-current="page"') == (1 if len(pages) > 1 else 0)


def test_the_area_one_is_in_is_kept(office):
    page = office.at(Role.STREET_OFFICE).get(reverse("ledger"), {"area": HERE}).text
    for name in ("dashboard", "cases", "my-work"):
        assert f'href="{reverse(name)}?area={HERE}"' in page

"""The office's navigation: sections, and the pages of each. A page belongs to the entry whose names it begins with."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Entry(NamedTuple):
    """A page one may go to: its title, the name of its url, and how the url names of its pages begin."""

    title: object
    to: str
    begins: tuple[str, ...]
    by_area: bool = True


class Section(NamedTuple):
    title: object
    entries: tuple[Entry, ...]


SECTIONS = (
    Section(_("Progress"), (Entry(_("Progress"), "dashboard", ("dashboard",)),)),
    Section(
        _("Households"),
        (
            Entry(_("Roster"), "households", ("household",)),
            Entry(_("Pre-listing"), "prelist", ("prelist",)),
            Entry(_("Find a person"), "search", ("search",)),
            Entry(_("Merge tasks"), "merge-tasks", ("merge",)),
            Entry(_("Quarantine"), "quarantine", ("quarantine",), by_area=False),
        ),
    ),
    Section(
        _("Checking"),
        (
            Entry(_("Ledger"), "ledger", ("ledger",)),
            Entry(_("Items"), "work-items", ("work",)),
            Entry(_("My work"), "my-work", ("my-work",)),
            Entry(_("Comparison"), "comparison", ("compar", "finding", "balance", "vital")),
            Entry(_("Unsure pairs"), "pairs", ("pair",)),
        ),
    ),
    Section(
        _("Tracing"),
        (
            Entry(_("Cases"), "cases", ("case",)),
            Entry(_("Requests for help"), "requests", ("request", "letter")),
            Entry(_("Gone from here"), "gone", ("gone",)),
            Entry(_("Telephone work"), "calls", ("call", "campaign")),
            Entry(_("Collective hukou"), "units", ("unit",)),
            Entry(_("Virtual buildings"), "virtual", ("virtual",)),
            Entry(_("Workload"), "workload", ("workload",)),
        ),
    ),
    Section(
        _("Registers"),
        (
            Entry(_("Deliveries"), "deliveries", ("deliver",)),
            Entry(_("Addresses to settle"), "delivery-addresses", ("delivery-address",)),
            Entry(_("Quality"), "delivery-quality", ("delivery-quality", "delivery-conflicts")),
            Entry(_("Mapped files"), "delivery-mappings", ("delivery-mapping", "delivery-file")),
        ),
    ),
    Section(
        _("Staff and devices"),
        (
            Entry(_("Staff and devices"), "devices", ("device", "pair-device", "reassign")),
            Entry(_("Contacts"), "contacts", ("contacts",)),
            Entry(_("Access log"), "access-log", ("access-log",)),
        ),
    ),
    Section(_("Progress report"), (Entry(_("Progress report"), "report", ("report", "indicator")),)),
)


def navigation(request) -> dict[str, list]:
    """`sections` and `pages` (those of the section in which the page lies) as (entry, is it here)."""
    match = getattr(request, "resolver_match", None)
    name = (match.url_name if match else "") or ""
    found = [
        (len(word), section, entry)
        for section in SECTIONS
        for entry in section.entries
        for word in entry.begins
        if name.startswith(word)
    ]
    _length, here, page = max(found, key=lambda one: one[0], default=(0, None, None))
    pages = here.entries if here else ()
    return {
        "sections": [(section.title, section.entries[0], section is here) for section in SECTIONS],
        "pages": [(entry, entry is page) for entry in pages] if len(pages) > 1 else [],
    }

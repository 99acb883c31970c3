"""What later rooms show on the page of a household or of a work item.

A room that comes after `editing` (or `coverage`) puts the full name of a function of (request, household) or (request,
item) on the list when it starts (`AppConfig.ready`); it answers the HTML of a panel, or an empty text. Names, so that a
command that shows no page loads nothing of it.
"""

from django.utils.module_loading import import_string

HOUSEHOLD: list[str] = []
WORK_ITEM: list[str] = []


def household_panels(request, household) -> list[str]:
    return [html for name in HOUSEHOLD if (html := import_string(name)(request, household))]


def work_item_panels(request, item) -> list[str]:
    return [html for name in WORK_ITEM if (html := import_string(name)(request, item))]

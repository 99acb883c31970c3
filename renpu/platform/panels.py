"""What later rooms show on the page of a household or of a work item.

A room that comes after `editing` (or `coverage`) puts a function of (request, household) or (request, item) on the list
when it starts (`AppConfig.ready`); it answers the HTML of a panel, or an empty text.
"""

from collections.abc import Callable
from typing import Any

HOUSEHOLD: list[Callable[[Any, Any], str]] = []
WORK_ITEM: list[Callable[[Any, Any], str]] = []


def household_panels(request, household) -> list[str]:
    return [html for panel in HOUSEHOLD if (html := panel(request, household))]


def work_item_panels(request, item) -> list[str]:
    return [html for panel in WORK_ITEM if (html := panel(request, item))]

"""What later rooms show on a household's page.

A room that comes after `editing` puts a function of (request, household) on the list when it starts
(`AppConfig.ready`); it answers the HTML of a panel, or an empty text.
"""

from collections.abc import Callable
from typing import Any

HOUSEHOLD: list[Callable[[Any, Any], str]] = []


def household_panels(request, household) -> list[str]:
    return [html for panel in HOUSEHOLD if (html := panel(request, household))]

"""What every office page needs: the census in hand, the user's post in words, and who may act."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import Http404

from renpu.platform.models import Census
from renpu.platform.roles import may


def census_in_hand() -> Census | None:
    """The newest census that is not a pilot; None in an empty installation."""
    return Census.objects.filter(pilot_of=None).order_by("-t0", "-pk").first()


def with_census(view: Callable) -> Callable:
    """Gives the view the census in hand; without one there is nothing to show (404)."""

    @wraps(view)
    def inner(request, *args, **kwargs):
        census = census_in_hand()
        if census is None:
            raise Http404
        request.census = census
        return view(request, census, *args, **kwargs)

    return inner


def must(user, action: str, area_code: str) -> None:
    """PermissionDenied (403) for somebody who sees the area but whose role may not do this there."""
    if not may(user, action, area_code):
        raise PermissionDenied


def author(user) -> str:
    """How an office user is named in the journal."""
    return user.get_username()[:40]


def open_to_partners(view: Callable) -> Callable:
    """Marks a view that police partners may reach as well; they reach no other (`renpu.site.partners`)."""
    view.open_to_partners = True
    return view

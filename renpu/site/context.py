"""What every office page shows around its own matter: the census and the user's post."""

from renpu.platform.areas import posts_of
from renpu.platform.models import Role
from renpu.platform.office import census_in_hand
from renpu.site.navigation import navigation


def office(request):
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"census": census_in_hand()}
    posts = [(Role(role).label, role, code) for role, code in posts_of(user)]
    return {
        "census": getattr(request, "census", None) or census_in_hand(),
        "post": posts[0] if posts else None,
        "navigation": navigation(request),
    }

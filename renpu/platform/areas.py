"""Rows that lie somewhere, and who may see them. Codes are digits, so an area is a range of codes in any collation."""

from typing import Self

from django.db import models
from django.db.models import Q

CODE_LENGTH = 18
POLICE = "police"  # `models.Role.POLICE`


def code_range(area_code: str) -> tuple[str, str]:
    """The first and last code inside an area: ("310109018", "310109018999999999")."""
    return area_code, area_code + "9" * (CODE_LENGTH - len(area_code))


class AreaQuerySet(models.QuerySet):
    """Query set of a table that lies somewhere; `area_path` names the column that holds an area or block code."""

    area_path = "block_code"

    def in_area(self, area_code: str) -> Self:
        return self.filter(**{f"{self.area_path}__range": code_range(area_code)})

    def visible_to(self, user) -> Self:
        """What the user's posts cover; nothing for somebody without a post, everything for an administrator."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self.all()
        scope = Q(pk__in=[])
        for code in area_codes_of(user):
            scope |= Q(**{f"{self.area_path}__range": code_range(code)})
        return self.filter(scope)


def posts_of(user) -> list[tuple[str, str]]:
    """(role, area code) of a user's posts, the widest area first; asked once a request."""
    if not hasattr(user, "_renpu_posts"):
        posts = user.posts.values_list("role", "area_code")
        user._renpu_posts = sorted(posts, key=lambda post: (len(post[1]), post[1], post[0]))
    return user._renpu_posts


def area_codes_of(user) -> list[str]:
    """The codes of the areas and blocks that a user's posts cover. A police partner's post covers no area."""
    return [code for role, code in posts_of(user) if role != POLICE]


def police_codes_of(user) -> list[str]:
    """The areas for which the user answers as police partner: what is addressed there is seen, nothing that lies
    there."""
    return [code for role, code in posts_of(user) if role == POLICE]


def only_partner(user) -> bool:
    """Is this somebody of the police, with no post in the census?"""
    return not user.is_superuser and bool(posts_of(user)) and not area_codes_of(user)


def may_see(user, area_code: str) -> bool:
    """Does one of the user's posts cover the whole of this area?"""
    return user.is_active and (user.is_superuser or any(area_code.startswith(code) for code in area_codes_of(user)))

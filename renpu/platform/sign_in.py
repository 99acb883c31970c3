"""Wrong passwords are counted by user name and address, so that guessing is slow and one office does not shut out
another."""

from datetime import datetime, timedelta

from django.db.models import Q

from renpu.platform.models import SignInTry
from renpu.platform.vault import blind_index

WITHIN = timedelta(minutes=10)
TRIES = 5  # by one user name from one address
TRIES_FROM_ADDRESS = 50
TRIES_FOR_NAME = 30


def too_many_tries(name: str, address: str, now: datetime) -> bool:
    """Must this name, from this address, wait before it may try again?"""
    who, address = _who(name), address[:45]
    recent = SignInTry.objects.filter(at__gt=now - WITHIN)
    tries = list(recent.filter(Q(who=who) | Q(address=address)).values_list("who", "address")[:500])
    of_name = [at for by, at in tries if bytes(by) == who]
    return (
        of_name.count(address) >= TRIES
        or len(of_name) >= TRIES_FOR_NAME
        or sum(at == address for _, at in tries) >= TRIES_FROM_ADDRESS
    )


def wrong_password(name: str, address: str, now: datetime) -> None:
    SignInTry.objects.filter(at__lt=now - WITHIN).delete()
    SignInTry.objects.create(who=_who(name), address=address[:45], at=now)


def signed_in(name: str, address: str) -> None:
    """The right password clears what was counted for this name from this address."""
    SignInTry.objects.filter(who=_who(name), address=address[:45]).delete()


def _who(name: str) -> bytes:
    """A password typed into the field of the user name must not be readable in the table."""
    return blind_index(name.casefold(), "user")

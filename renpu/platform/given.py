"""Identifiers and numbers read from the address or the form of a page, where anything may stand; and the refusal of
what no store can keep."""

from uuid import UUID

from django.core.exceptions import BadRequest


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def uuids_of(texts: list[str]) -> list[UUID]:
    """Those of the texts that are identifiers."""
    return [one for text in texts if (one := uuid_of(text))]


def number_of(text: str, digits: int = 8) -> int | None:
    """A whole number of at most so many ASCII digits; None for any other text. 18 digits fit the stores' keys."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


class NoNul:
    """Refuses a request with a NUL in its address or form (400): PostgreSQL keeps none, and no field asks for one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        texts = [request.path_info, *(text for _name, of in request.GET.lists() for text in of)]
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            texts += [text for _name, of in request.POST.lists() for text in of]
        if any("\x00" in text for text in texts):
            raise BadRequest

"""A request with a NUL in its address or form is refused before any view (400): PostgreSQL keeps none, and no field
asks for one."""

from django.core.exceptions import BadRequest


class NoNul:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        texts = [request.path_info, *(text for _name, of in request.GET.lists() for text in of)]
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):  # those read the body themselves
            texts += [text for _name, of in request.POST.lists() for text in of]
        if any("\x00" in text for text in texts):
            raise BadRequest

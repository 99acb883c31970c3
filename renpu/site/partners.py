"""Police partners see the requests addressed to them, and nothing else: every other page is closed, also those to come.

A view is open to them by `platform.office.open_to_partners`, or because it asks for no sign-in.
"""

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect

from renpu.platform.areas import only_partner

HOME = "partner-requests"
OWN = ("sign-out", "language")


class PartnersSeeTheirRequests:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        user = request.user
        if not user.is_authenticated or not getattr(view, "login_required", True) or not only_partner(user):
            return None
        if getattr(view, "open_to_partners", False) or request.resolver_match.url_name in OWN:
            return None
        if request.resolver_match.url_name == "dashboard" and request.method == "GET":
            return redirect(HOME)
        raise PermissionDenied

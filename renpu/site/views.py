"""Sign-in, the field client's files, and the pages that say what went wrong."""

import re
from pathlib import Path

from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from renpu.platform import sign_in
from renpu.site import problems

HASHED = re.compile(r"^assets/.+-[A-Za-z0-9_-]{8,}\.\w+$")


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": problems.WRONG_PASSWORD,
        "inactive": problems.WRONG_PASSWORD,
    }

    def clean(self):
        name, address = self.cleaned_data.get("username", ""), self.request.META.get("REMOTE_ADDR", "")
        if sign_in.too_many_tries(name, address, timezone.now()):
            raise ValidationError(problems.TOO_MANY_TRIES, code="tries")
        try:
            cleaned = super().clean()
        except ValidationError:
            sign_in.wrong_password(name, address, timezone.now())
            raise
        sign_in.signed_in(name, address)
        return cleaned


class SignIn(LoginView):
    form_class = SignInForm
    template_name = "site/sign_in.html"
    redirect_authenticated_user = True

    def form_invalid(self, form):
        response = super().form_invalid(form)
        response.status_code = 429 if form.has_error("__all__", "tries") else 200
        return response


FIELD_POLICY = {
    "default-src": ["'self'"],
    "script-src": ["'self'", "'wasm-unsafe-eval'"],  # the form engine reads XPath with WebAssembly
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "media-src": ["'self'", "blob:"],
    "connect-src": ["'self'"],
    "worker-src": ["'self'"],
    "manifest-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}


@require_safe
@login_not_required
@csp_replace(FIELD_POLICY)
def field_client(request, path: str = ""):
    """A file of the field client. Page and worker are asked for each time, so that a new version is found; what carries
    a hash in its name stays for ever."""
    found = None if ".." in path.split("/") else finders.find(f"app/{path or 'index.html'}")
    if not found or not Path(found).is_file():
        raise Http404
    response = FileResponse(Path(found).open("rb"))  # noqa: SIM115 (the response closes it)
    if found.endswith(".webmanifest"):
        response["Content-Type"] = "application/manifest+json"
    if HASHED.match(path):
        patch_cache_control(response, public=True, max_age=365 * 86400, immutable=True)
    else:
        patch_cache_control(response, no_cache=True)
    return response


@require_safe
@login_not_required
def alive(request):
    """For whoever watches the server: it answers, and it reaches its store."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("ok\n", content_type="text/plain")

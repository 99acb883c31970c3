"""The language of a page: the one chosen in the header, else the installation's. What the browser prefers is not asked:
a census office reads Chinese whatever its machines were set up with."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import check_for_language


class ChosenLanguage:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = dict(settings.LANGUAGES)
        code = chosen if chosen in known and check_for_language(chosen) else settings.LANGUAGE_CODE
        translation.activate(code)
        request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response

"""What somebody at the door of the office may read."""

from django.utils.translation import gettext_lazy as _

WRONG_PASSWORD = _("The user name or the password is wrong. Check both; capital letters count.")
TOO_MANY_TRIES = _("Too many wrong passwords. Wait ten minutes, or ask the office for a new password.")

"""What the desk for unsure pairs may say to a clerk."""

from django.utils.translation import gettext_lazy as _

NOTHING_TO_TAKE_BACK = _("There is nothing to take back: you have decided nothing here today.")
SAY_WHICH = _("Say whether it is the same person, two persons, or set the pair aside. Nothing was changed.")
PURPOSE_NEEDED = _("Write for what purpose. Nothing was shown.")

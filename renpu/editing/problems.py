"""What somebody who decides about a household may read."""

from django.utils.translation import gettext_lazy as _

REASON_NEEDED = _("Write a reason for at least one edit. Nothing was changed.")
LOCKED_FIRST = _("The household is locked. Unlock it first; the attempt was kept as a merge task.")
KEPT_BESIDE = _(
    "Somebody else changed the same answers since this page was opened. Nothing was overwritten: yours were kept "
    "beside them as a merge task."
)
NO_SUCH_FORM = _("There is no form of this household with that person. Look at the household again.")
CHANGED_MEANWHILE = _("The household has changed since this page was opened. Look at it again, then decide.")
DECIDED_BEFORE = _("This merge task was decided already.")
CHOOSE_AND_SAY_WHY = _("Choose which of the two stands, and write why.")
PURPOSE_NEEDED = _("Write for what purpose you need to see names and numbers. Nothing was shown.")

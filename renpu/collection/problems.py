"""What somebody who looks after staff, devices and quarantine may read."""

from django.utils.translation import gettext_lazy as _

CHOOSE_SOMEBODY = _("Choose an enumerator of this committee. Nothing was changed.")
WHY_HANDLED = _("Write what was done about it. Nothing was changed.")
REVOKED = _("Signed off. Its blocks are free; what it still holds comes back as merge tasks.")
REASSIGNED = _("The block was given to %(name)s. What the former holder still sends becomes merge tasks.")
HANDLED = _("Marked as handled.")

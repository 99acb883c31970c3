"""What somebody who asks for a report may read."""

from django.utils.translation import gettext_lazy as _

UNKNOWN_AREA = _(
    "Area %(code)s is not known here. Give the code of a known area (6, 9 or 12 digits) or block (15 digits)."
)
UNKNOWN_TIME = _("%(text)s is not a time. Write it like 2020-11-07T18:00:00; it is read on the clock of the census.")
NO_CENSUS = _("There is no census here yet. Make one with renpu init, or load the sample with renpu demo.")
FILE_NEEDED = _("A document is not written to the screen. Name the file with -o FILE.")
UNKNOWN_NUMBER = _("{%(code)s} is no number of the report. Use the codes of the list of numbers, such as {S15}.")
UNKNOWN_PART = _("The report has no part %(part)s.")

"""What somebody who follows people, asks for help or answers may read."""

from django.utils.translation import gettext_lazy as _

CHANGED_MEANWHILE = _("Somebody else has changed this meanwhile. Look at it again, then decide. Nothing was changed.")
NO_SUCH_RECORD = _("There is no such record here. Nothing was opened.")
NO_HOUSEHOLD = _(
    "This outcome says what stands on a form. Name the household of the hukou and the person's line first. Nothing was "
    "changed."
)
NO_HOUSEHOLD_THERE = _("Name the household in which the person is enumerated first. Nothing was changed.")
CASE_CLOSED = _("This case is closed. Reopen it first. Nothing was changed.")
CASE_OPEN = _("This case is open.")
NO_OUTCOME = _("Choose an outcome from the list. Nothing was changed.")
WHY = _("Write a reason. Nothing was changed.")
HINT_EMPTY = _("Write what was learned, and from whom. Nothing was changed.")
NO_SUCH_HOUSEHOLD = _(
    "There is no household with this number and line in the block. Check both numbers. Nothing was changed."
)
NO_CASES = _("Choose at least one person. Nothing was sent.")
NO_ADDRESSEE = _("Choose a committee of this system, or write the name of one outside it. Nothing was sent.")
OWN_ADDRESSEE = _("A committee does not ask itself. Choose another addressee. Nothing was sent.")
NO_PURPOSE = _("Write the purpose, the legal basis and the day until which an answer is wanted. Nothing was sent.")
DUE_PASSED = _("The day until which an answer is wanted lies before today. Nothing was sent.")
ASKED_BEFORE = _("Request %(letter)s to the same addressee still waits for an answer about %(case)s. Nothing was sent.")
NOT_WAITING = _("This request no longer waits for an answer: %(state)s. Nothing was changed.")
NO_ANSWER = _("Choose an answer, and write who answers. Nothing was changed.")
NO_PHONE = _("Write the telephone number by which the person can be reached. Nothing was changed.")
PHONE_ODD = _("A telephone number has 5 to 20 digits. Check what was written. Nothing was changed.")
CODE_ODD = _("This is no code of a letter: a digit is wrong or two have changed places. Type the twelve digits again.")
CODE_UNKNOWN = _(
    "No letter waits for an answer under this code. Check the digits, or telephone the office on the letter."
)
TOO_MANY_TRIES = _("Too many wrong codes from this address. Wait ten minutes, or telephone the office on the letter.")
LOOK_UP_WHAT = _("Write a whole identity number or a name, and the purpose. Nothing was looked up.")
CALL_ANSWERS = _("Choose where the person lives, for how long, and why. Nothing was changed.")
PLACE_CODE = _("The county is written with its six digits. Nothing was changed.")
NOT_ON_FORM = _("The person is on no form of the hukou side yet. Name household and line first. Nothing was changed.")
BOTH_SIDES = _("Both records must be known before they are tied. Nothing was changed.")

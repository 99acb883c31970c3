"""What somebody who calls, who looks after a unit, or who answers for themselves may read."""

from django.utils.translation import gettext_lazy as _

NOT_ANSWERED = _("Not answered yet: %(question)s")
NO_SUCH_ANSWER = _("This is none of the answers: %(question)s")
WRONG_NUMBER = _("The identity number is wrong: digits, birth date or check character. Compare it with the card.")
SAY_WHO = _("Person %(n)s: %(problem)s")
NOBODY_TO_REGISTER = _(
    "There is nobody to register. Add the people of the household, or end the call with another result."
)
CHOOSE_END = _("Choose how the call ended.")
WHAT_BECAME = _("Choose what became of them.")
CALLED_BY_OTHER = _("A colleague has this household on the screen now. Take the next one.")
NOBODY_LEFT = _("There is nobody left to call now. Those who asked to be called later come back at their hour.")
CHANGED_MEANWHILE = _(
    "Somebody changed this household during the call. Both were kept; the supervisor decides in a merge task."
)
NO_VIRTUAL_BLOCK = _(
    "There is no block for this household. Make a virtual block for the committee first, then save again."
)
WHEN_LATER = _("Choose when to call again, after now.")
REGISTERED = _("Registered. Next household.")
REGISTERED_OPEN = _("Registered; %(n)s edits are open, and the work item stays open until they are settled.")
ENDED = _("Noted: %(ended)s. Next household.")
LOCKED = _("The household is locked, so nothing was changed. Ask the supervisor to unlock it.")
CAMPAIGN_NAME = _("Give the campaign a name and say how many households it takes.")
CAMPAIGN_EMPTY = _("No household with a telephone number is free for a campaign. Make the call list first.")
CAMPAIGN_MADE = _("%(n)s households are in the campaign.")
LIST_MADE = _("The call list is up to date: %(new)s new, %(all)s to call, %(without)s of them without a number.")

BLOCK_NAME = _("Give the virtual building a name, so that everybody knows whose hukou it holds.")
BLOCK_FULL = _("The committee has no number left for a virtual block; 900 to 999 are used.")
BLOCK_MADE = _("Made: virtual block %(number)s.")
MOVE_CHOOSE = _("Choose the households to move and a virtual block of the same committee.")
MOVED = _("Moved: %(n)s households. Their old lines are removed, with the reason; both stay in the journal.")
MOVE_REFUSED = _("Not moved: %(address)s. %(why)s")
MOVE_LIVED_IN = _("Somebody lives there.")
MOVE_OPEN_TASK = _("It has an open merge task.")
MOVE_LOCKED = _("It is locked.")

UNIT_NAME = _("Give the name of the unit and choose the virtual block of its people.")
UNIT_TWICE = _("A unit of this name is in that block already.")
CONTACT_NAME = _("Give the name and the telephone of the contact.")
TALK_NEEDED = _("Say on which day, who talked with whom, and what was agreed.")
LINK_ENDED = _("This address is no longer valid. Ask the census office for a new one.")
CODE_WRONG = _("This code is not known or no longer valid. Compare it with your slip, or ask the census office.")
CODE_SLIP = _("A digit of the code is wrong or missing, or two have changed places. Type the twelve digits again.")
TOO_MANY_TRIES = _("Too many wrong tries from this connection. Wait ten minutes.")
ROSTER_CHOOSE = _("Choose the file with the list of your people first.")
ROSTER_TOO_LARGE = _("The file is larger than 20 MB. A list of staff is small: check whether it is the right file.")
ROSTER_REFUSED = _("The list could not be read as a list of staff. See below why; nothing was taken over.")
ROSTER_TAKEN = _("The list has come in. The census office takes it over; you need not do anything else.")
ROSTER_SAME = _("This file was sent before. Nothing was done twice.")
ROSTER_OTHER = _("This file was taken in elsewhere before. Ask the census office.")
MEMBERS_TAKEN = _("%(new)s people taken over from the list, %(known)s were known, %(other)s have no hukou at the unit.")
LINE_LOCKED = _("The form of your unit is closed. Ask the census office.")
NOBODY_CHOSEN = _("There is nobody to print slips for: choose people who have not answered.")
LINK_REVOKED = _("The address was taken back. Whoever opens it is told to ask for a new one.")
ROSTER_TAKEN_OFFICE = _("The list has come in. Look at its problems, then take its people over.")
REMINDED = _("Noted: %(n)s people are reminded. Send them the text, by the contact or by SMS.")
CLOSED_ITEMS = _("%(n)s work items closed.")

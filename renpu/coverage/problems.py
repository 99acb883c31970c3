"""What somebody who works on the ledger may read when an action is refused, and what is to be done next."""

from django.utils.translation import gettext_lazy as _

CHANGED_MEANWHILE = _(
    "%(by)s worked on this item at %(at)s, after your page was opened. Look at it again, then decide. "
    "Nothing was changed."
)
CLOSED = _("This item is closed. Reopen it first, with a reason.")
NOT_CLOSED = _("This item is open already.")
NO_SUCH_REASON = _("An item of this kind is not closed for this reason. Choose one of the reasons that the page lists.")
CONTACT_NEEDED = _(
    "What a register says is no answer. Record a try in which somebody answered, or write on what ground you close the "
    "item without one (at least 6 characters)."
)
TRIES_NEEDED = _(
    "Whereabouts are unknown only after %(wanted)s tries; there are %(tries)s. Record the others, or write on what "
    "ground you close the item now (at least 6 characters)."
)
ROSTER_FIRST = _(
    "The roster does not say “%(status)s” at this door. Let the enumerator record the visit on the phone with this "
    "status, and register whoever lives there; then close the item."
)
CHECKS_FIRST = _("A dwelling is vacant after three checks and a second visit. Still missing: %(missing)s.")
METER_MISSING = _("the meter looked up")
LOOK_MISSING = _("laundry and lamps looked at")
ASK_MISSING = _("a neighbour, the property company or the police asked")
SECOND_MISSING = _("a second visit on another day or at another part of the day")
METER = _("Look up: the meter")
LOOK = _("Look at: laundry by day, lamps by night")
ASK = _("Ask: a neighbour, the property company, the police")
NOT_VACANT_YET = _(
    "One of the checks says that somebody lives there: %(what)s. Visit again, and list and register the household on "
    "the phone; or repeat the check if it was wrong."
)
ONLY_VACANCY = _("The three checks belong to items about a vacant dwelling.")
NO_SUCH_CHECK = _("There is no such check. Choose one of the three, and what it showed.")
NO_SUCH_OUTCOME = _("Choose what came of the try, and whether it was at the door, by telephone or at the desk.")
APPOINTMENT_PAST = _("The appointment lies in the past. Choose a later time, or leave it empty.")
TRY_AHEAD = _("The time you gave has not come yet. Write when it was.")
NOTE_NEEDED = _("Write a note first. Nothing was changed.")
WHY_REOPEN = _("Write why the item is opened again. Nothing was changed.")
OWNER_ELSEWHERE = _("%(name)s does not work in this area. Choose somebody of the area or of the street above it.")
STILL_SEEN = _("The comparison still sees this difference; close the item with what was found out.")
NOTHING_CHOSEN = _("Choose at least one item. Nothing was changed.")
TOO_MANY = _("%(n)s items fit, and at most %(most)s are changed at once. Narrow the filter, by kind or by block.")
CHOOSE_WHAT = _("Choose what is to be done with these items. Nothing was changed.")
COUNT_CHANGED = _(
    "When you looked, %(before)s items fitted; now it is %(now)s. Look at the number again, then confirm. Nothing was "
    "changed."
)
NO_SUCH_BATCH = _("There is no such batch, or it was taken back already.")
DUE_NEEDED = _("Choose the day by which the items are due. Nothing was changed.")
OWNER_NEEDED = _("Choose to whom the items are given. Nothing was changed.")
PURPOSE_NEEDED = _("Write for what purpose you need to see names and numbers. Nothing was shown.")
NOBODY_TO_CALL = _("No open item of this kind has a telephone here. Choose another kind or a larger area.")
NO_CALL_SHEET = _(
    "This file is no call sheet of this office, or its hidden row of marks was deleted. Fill in the workbook as it was "
    "exported and choose that file."
)
CHOOSE_SHEET = _("Choose the filled call sheet first.")
NOT_ON_SHEET = _("This row is of no item of this sheet in your area. Do not add rows; record it on the item's page.")
ROW_TWICE = _("The same item stands in row %(row)s; only that row was read. Record the other call on the item's page.")
OUTCOME_UNKNOWN = _("“%(found)s” is no outcome of a call. Choose one from the list of the cell.")
RESULT_UNKNOWN = _("“%(found)s” is no result for an item of this kind. Choose one from the list of the cell.")
TIME_UNREADABLE = _("“%(found)s” is not a time. Write it like 2020-11-12 18:30.")
CALL_AHEAD = _("The call is said to have been at %(found)s, which has not come yet. Write when it was.")
NEXT_PAST = _("The appointment %(found)s is not after the call. Write a later time, or leave it empty.")
CHOOSE_CALLS = _("Choose a kind, and how many calls: 1 to %(most)s.")
RUNS_ALREADY = _("A comparison of this area, or of one that overlaps it, is running. Wait until it has finished.")
PRELISTED = _("%(n)s lines were put on the roster, to be confirmed at the door.")
PRELISTING_TAKEN_BACK = _("%(n)s untouched lines were taken back. Lines that somebody has worked on stay.")

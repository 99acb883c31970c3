"""Every message about a register file or one of its rows: where, what was found, what to do.

A row's problems are stored by code; the sentence is made when somebody reads it. `refuses` marks what makes a whole
file unusable, `note` what was read as it should be but is worth knowing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from renpu.registers.lines import Told


@dataclass(frozen=True, slots=True)
class Message:
    text: object  # a lazily translated sentence with named parameters
    refuses: bool = False
    note: bool = False


FILE_MESSAGES: Mapping[str, Message] = {
    "file_missing": Message(_("There is no file %(file)s. Check the path."), refuses=True),
    "file_empty": Message(_("The file %(file)s is empty. Ask the %(provider)s to send it again."), refuses=True),
    "file_unreadable": Message(
        _(
            "The file %(file)s cannot be opened (%(found)s). Check that you may read it and that no other program "
            "holds it."
        ),
        refuses=True,
    ),
    "web_page": Message(
        _(
            "%(file)s is a web page without a table, whatever its name ends with. Ask the %(provider)s for the list as "
            ".xlsx or as CSV."
        ),
        refuses=True,
    ),
    "page_damaged": Message(
        _("%(file)s is a web page or an XML spreadsheet that is damaged. Ask the %(provider)s to send it again."),
        refuses=True,
    ),
    "page_cut_off": Message(
        _(
            "%(file)s ends before its last table does: it was cut off when it was copied. Ask the %(provider)s to send "
            "it again."
        ),
        refuses=True,
    ),
    "page_mended": Message(
        _(
            "%(file)s breaks the rules of XML in %(number)s places (the first is in line %(row)s of its text), where "
            "characters may be lost. Compare the rows."
        )
    ),
    "page_too_large": Message(
        _("%(file)s is a web page or an XML spreadsheet that is too large. Ask the %(provider)s for .xlsx or CSV."),
        refuses=True,
    ),
    "archive_locked": Message(
        _("%(found)s in the archive %(file)s is protected by a password. Unpack it and load the files one by one."),
        refuses=True,
    ),
    "archive_nested": Message(
        _("%(found)s in %(file)s is an archive itself and was not opened. Unpack it and load the files one by one."),
        refuses=True,
    ),
    "archive_too_large": Message(
        _(
            "The archive %(file)s unpacks to more than a list can be (%(found)s). It was not opened. Ask the "
            "%(provider)s what it is."
        ),
        refuses=True,
    ),
    "archive_damaged": Message(
        _("The archive %(file)s is damaged or was cut off when it was copied. Ask the %(provider)s to send it again."),
        refuses=True,
    ),
    "member_damaged": Message(
        _("%(found)s in the archive %(file)s is damaged. Ask the %(provider)s to send it again."), refuses=True
    ),
    "archive_without_list": Message(
        _("No file in the archive %(file)s is a list of this register (%(title)s). Choose another register or file."),
        refuses=True,
    ),
    "member_not_read": Message(
        _(
            "%(found)s in the archive has no header of this register (it lacks %(missing)s) and was not read. Load it "
            "by itself if it belongs to the delivery."
        )
    ),
    "member_of_system": Message(
        _("%(found)s files that a computer adds by itself (such as Thumbs.db) were left out."), note=True
    ),
    "rows_hidden": Message(
        _(
            "%(number)s rows are hidden (the first is row %(row)s). They were read like the others; if they do not "
            "belong to the list, delete them and load the file again."
        )
    ),
    "columns_hidden": Message(_("Columns that are hidden (%(found)s) were read like the others."), note=True),
    "not_a_table": Message(
        _("%(file)s is neither text nor a workbook. Ask the %(provider)s for CSV or .xlsx."), refuses=True
    ),
    "workbook_locked": Message(
        _("The workbook %(file)s is protected by a password. Save it without a password and load it again."),
        refuses=True,
    ),
    "workbook_damaged": Message(
        _("The workbook %(file)s is damaged or was cut off when it was copied. Ask the %(provider)s to send it again."),
        refuses=True,
    ),
    "workbook_stray_cell": Message(
        _(
            "The sheet %(sheet)s reaches to cell %(found)s: something was typed far away from the list. Delete the "
            "empty rows and columns around the list, save, and load the file again."
        ),
        refuses=True,
    ),
    "workbook_too_large": Message(
        _("The workbook %(file)s is too large to be read as such. Ask the %(provider)s for CSV."), refuses=True
    ),
    "cut_in_character": Message(
        _(
            "The file ends in the middle of a character, in line %(row)s: it was cut off when it was copied. Ask the "
            "%(provider)s to send it again."
        ),
        refuses=True,
    ),
    "cut_in_quotes": Message(
        _(
            "The file ends inside a quoted field that begins in line %(row)s: it was cut off when it was copied. Ask "
            "the "
            "%(provider)s to send it again."
        ),
        refuses=True,
    ),
    "cut_in_row": Message(
        _(
            "The last line, %(row)s, has %(found)s fields where the header has %(width)s, and no line end: the file "
            "was cut "
            "off when it was copied. Ask the %(provider)s to send it again."
        ),
        refuses=True,
    ),
    "header_missing": Message(
        _(
            "No header of the %(title)s was found in the first %(searched)s rows. Found instead: %(found)s. The "
            "columns "
            "%(missing)s are needed; name them in one row above the data."
        ),
        refuses=True,
    ),
    "columns_by_spaces": Message(
        _(
            "The columns of %(file)s (header in row %(row)s) are only set apart by spaces, so that an empty cell "
            "cannot be told from a gap. Ask the %(provider)s for CSV or .xlsx."
        ),
        refuses=True,
    ),
    "columns_missing": Message(
        _(
            "The header in row %(row)s lacks %(missing)s. Nearest found: %(found)s. Rename the column as the "
            "%(provider)s "
            "calls it, or ask for a complete list."
        ),
        refuses=True,
    ),
    "id_column_rounded": Message(
        _(
            "Column %(column)s: %(rounded)s of %(numbers)s numbers were rounded by a spreadsheet, so that "
            "their last "
            "digits are lost (first in row %(row)s: %(found)s). Nothing can bring them back. Ask the %(provider)s to "
            "set the "
            "column to text before the numbers are put in, and to send the file again."
        ),
        refuses=True,
    ),
    "no_rows": Message(
        _("There is a header but no row below it. Ask the %(provider)s to send the file again."),
        refuses=True,
    ),
    "named_otherwise": Message(
        _("%(file)s is in fact %(found)s; it was read as that. The name should end accordingly."), note=True
    ),
    "sheet_hidden": Message(
        _(
            "The hidden sheet %(sheet)s with %(rows)s rows was not read. If it belongs to the delivery, show it, save "
            "and load "
            "the file again; if not, delete it."
        )
    ),
    "sheet_without_header": Message(
        _("The sheet %(sheet)s has no header of this register and was not read. Found instead: %(found)s.")
    ),
    "columns_absent": Message(
        _("The file has no column %(missing)s: these values stay empty for all rows."), note=True
    ),
    "columns_unknown": Message(_("The columns %(found)s are not part of this register and were not read."), note=True),
    "column_twice": Message(
        _(
            "Column %(column)s stands twice in the header; the one further left was read. Delete or rename the other "
            "if that "
            "is wrong."
        )
    ),
    "readings_missing": Message(
        _(
            "The header in row %(row)s has no electricity by month. Found: %(found)s. Name a column for each month "
            "(202005 or 2020年5月), or give one column 年月 and one 用电量."
        ),
        refuses=True,
    ),
    "month_unsaid": Message(
        _(
            "Column %(column)s does not say of which month it is. Add a column 年月, or write the year and the month "
            "into the title of the list (2020年5月)."
        ),
        refuses=True,
    ),
    "year_taken": Message(
        _(
            "The header in row %(row)s names months without a year; they were taken for the twelve months before the "
            "file was received: %(found)s. If that is wrong, write the year into the header."
        )
    ),
    "months_gathered": Message(
        _("%(lines)s lines were put together into %(rows)s meters, because months of one stand in several lines."),
        note=True,
    ),
    "skipped_total": Message(_("Row %(row)s is a total and was not read as a row of the list."), note=True),
    "skipped_note": Message(
        _("Row %(row)s is a heading, a note or a signature and was not read as a row of the list."), note=True
    ),
    "skipped_number": Message(_("Row %(row)s holds a number and nothing else; it was not read."), note=True),
}

# A row's problem is told as `Row 37, column 姓名: ` and one of these.
ROW_MESSAGES: Mapping[str, Message] = {
    "row_nobody": Message(_("none of %(needed)s is filled in. The row was refused; complete it or delete it.")),
    "name_missing": Message(_("the name is empty. Fill it in.")),
    "name_odd_characters": Message(
        _(
            "%(found)s holds characters that no name has (a lost character, a sign, markup or a formula). It is kept "
            "as it is; "
            "correct the name."
        )
    ),
    "name_spaces": Message(_("%(found)s was written with spaces, which were taken out."), note=True),
    "name_former": Message(_("%(found)s also gives a former name, which was not kept."), note=True),
    "id_missing": Message(_("the identity number is empty. Fill it in, or leave it so if the person has none.")),
    "id_unreadable": Message(
        _(
            "%(found)s is no identity number: it needs 18 digits (or 17 and X), or "
            "15 digits of the old kind. Correct it."
        )
    ),
    "id_check_wrong": Message(
        _(
            "%(found)s has a check character that does not fit: a digit is wrong. It is kept as it is; compare "
            "the document."
        )
    ),
    "id_birth_impossible": Message(
        _("%(found)s holds a date of birth that does not exist. It is kept as it is; compare the document.")
    ),
    "id_15_digits": Message(_("%(found)s is an identity number of the old kind with 15 digits."), note=True),
    "id_tidied": Message(
        _("%(found)s was written with spaces, an apostrophe, full-width or small letters, which were set right."),
        note=True,
    ),
    "id_rounded": Message(
        _(
            "%(found)s was rounded by a spreadsheet: the last digits of the identity number are lost. Enter it again "
            "in a cell set to text."
        )
    ),
    "id_twice": Message(
        _("%(found)s also stands in row %(other)s with another household or name. Settle which is right.")
    ),
    "value_twice": Message(_('"%(found)s" also stands in row %(other)s with other statements. Settle which is right.')),
    "cell_merged": Message(
        _("the cell is merged with one above; what stands there was not taken for this row. Write it into each row.")
    ),
    "row_twice": Message(_("%(same)s are those of row %(other)s. One of the two is too many.")),
    "sex_missing": Message(_("the sex is empty. Fill it in.")),
    "sex_unreadable": Message(_('"%(found)s" is no sex. Write 男 or 女.')),
    "sex_differs_from_id": Message(_("the sex is not the one of the identity number. Settle which is right.")),
    "birth_missing": Message(_("the date of birth is empty. Fill it in.")),
    "birth_unreadable": Message(_("%(found)s is no date of birth. Write it as 19591208 or 1959-12-08.")),
    "birth_impossible": Message(_("%(found)s is no date on which a person alive can have been born. Correct it.")),
    "birth_two_digit_year": Message(
        _("%(found)s has a year of two digits, which can mean two centuries. Write all four.")
    ),
    "birth_month_missing": Message(_("%(found)s gives a year without a month. Add the month.")),
    "birth_ambiguous": Message(_("%(found)s can be meant in two ways. Write it as 19591208 or 1959-12-08.")),
    "birth_not_in_calendar": Message(_("%(found)s is no day of the calendar. Correct it.")),
    "birth_lunar_day_missing": Message(
        _("%(found)s is a month of the lunar calendar, which lies in two Gregorian months. Add the day.")
    ),
    "birth_lunar_out_of_range": Message(
        _(
            "%(found)s is a date of the lunar calendar outside the years that can be converted. Write the Gregorian "
            "date."
        )
    ),
    "birth_lunar": Message(_("%(found)s was converted from the lunar calendar."), note=True),
    "birth_lunar_leap_month_unsaid": Message(
        _(
            "%(found)s: that lunar year had this month twice; the first was taken. Ask whether it was the leap month "
            "(闰)."
        )
    ),
    "birth_serial": Message(_("%(found)s was read as a spreadsheet's number of days."), note=True),
    "birth_from_id": Message(_("the date of birth was taken from the identity number."), note=True),
    "birth_differs_from_id": Message(
        _("%(found)s is not the date of birth in the identity number. Settle which is right.")
    ),
    "date_missing": Message(_("the date is empty. Fill it in.")),
    "date_unreadable": Message(_('"%(found)s" is no date. Write it as 20200518 or 2020-05-18.')),
    "date_impossible": Message(_('"%(found)s" lies after the day of the delivery or too far back. Correct it.')),
    "date_two_digit_year": Message(_('"%(found)s" has a year of two digits. Write all four.')),
    "date_month_missing": Message(_('"%(found)s" gives a year without a month. Add the month.')),
    "date_ambiguous": Message(_('"%(found)s" can be meant in two ways. Write it as 20200518 or 2020-05-18.')),
    "date_not_in_calendar": Message(_('"%(found)s" is no day of the calendar. Correct it.')),
    "date_lunar_day_missing": Message(
        _('"%(found)s" is a month of the lunar calendar, which lies in two Gregorian months. Add the day.')
    ),
    "date_lunar_out_of_range": Message(
        _('"%(found)s" is a date of the lunar calendar that cannot be converted. Write the Gregorian date.')
    ),
    "date_lunar": Message(_('"%(found)s" was converted from the lunar calendar.'), note=True),
    "date_lunar_leap_month_unsaid": Message(
        _(
            '"%(found)s": that lunar year had this month twice; the first was taken. Ask whether it was the leap month '
            "(闰)."
        )
    ),
    "date_serial": Message(_('"%(found)s" was read as a spreadsheet\'s number of days.'), note=True),
    "value_missing": Message(_("the cell is empty. Fill it in.")),
    "word_unknown": Message(
        _('"%(found)s" is none of the words known here (%(allowed)s and the like). It was not kept; correct it.')
    ),
    "count_unreadable": Message(
        _('"%(found)s" is no number of persons. Write it in digits, or leave the cell empty if it is not known.')
    ),
    "phone_masked": Message(
        _("%(found)s was made unreadable by the provider: nobody can be called with it."), note=True
    ),
    "phone_unreadable": Message(_("%(found)s is no telephone number. It is kept as it is; correct it.")),
    "number_rounded": Message(
        _('"%(found)s" was rounded by a spreadsheet: the last digits are lost. Enter it again in a cell set to text.')
    ),
    "meter_shared": Message(
        _("meter %(found)s also stands in row %(other)s, at another address or under another name."), note=True
    ),
    "kwh_none": Message(_('"%(found)s" (%(month)s) was taken for no reading.'), note=True),
    "kwh_estimated": Message(
        _('"%(found)s" (%(month)s) was estimated by the provider, not read from the meter.'), note=True
    ),
    "kwh_negative": Message(
        _(
            '"%(found)s" (%(month)s) is below zero: it corrects an earlier reading, or is wrong. It is kept as it is; '
            "ask the provider."
        )
    ),
    "kwh_unreadable": Message(
        _('"%(found)s" (%(month)s) is no quantity of electricity. Write kWh in digits, or leave the cell empty.')
    ),
    "kwh_improbable": Message(
        _('"%(found)s" (%(month)s) is more than a million kWh in a month. It was not kept; correct it.')
    ),
    "month_unreadable": Message(_('"%(found)s" is no month of a year. Write it as 202005. The reading was not kept.')),
    "month_twice": Message(
        _(
            "a second line of this meter gives %(found)s kWh for %(month)s; the first, %(kept)s, was kept. Settle "
            "which is right."
        )
    ),
    "household_no_missing": Message(_("the number is empty. Fill it in.")),
    "address_room_added": Message(
        _("the address names no room; %(found)s was taken from the column of rooms."), note=True
    ),
    "household_no_tidied": Message(
        _("%(found)s was written in full-width characters, which were set right."), note=True
    ),
    "household_no_number": Message(
        _(
            '"%(found)s" was typed as a number; zeros at its beginning may be lost. Enter it again in a '
            "cell set to text."
        )
    ),
    "committee_unknown": Message(
        _('"%(found)s" is no committee of this area. The row is kept without an area; correct the name.')
    ),
    "characters_lost": Message(
        _("bytes of this line are no characters in %(encoding)s; \ufffd stands in their place.")
    ),
    "other_encoding": Message(
        _("this line is not in %(encoding)s like the rest of the file; it was read in its own encoding.")
    ),
    "control_characters": Message(_("control characters (such as a zero byte) were taken out. Compare the row.")),
    "quote_not_closed": Message(
        _("a quotation mark is opened and never closed; it was read as a character. Take it out or double it.")
    ),
    "fields_missing": Message(_("the row has %(found)s fields where the header has %(width)s. Compare the row.")),
    "fields_extra": Message(
        _(
            "the row has %(found)s fields where the header has %(width)s: a value with a delimiter is not quoted, and "
            "what follows it may stand in the wrong column. Compare the row."
        )
    ),
    "formula": Message(
        _("%(found)s is a formula. It was taken as text and not calculated; put the value in its place.")
    ),
    "formula_of_text": Message(_("%(found)s is a formula that only holds a text; the text was taken."), note=True),
    "too_long": Message(
        _(
            "the value has %(number)s characters, too many for this column; only its beginning was kept. Compare the "
            "row."
        )
    ),
    "cell_error": Message(_("the cell shows the error %(found)s. Put the value in its place.")),
}

MESSAGES = {**FILE_MESSAGES, **ROW_MESSAGES}


def sentence(told: Told, **context: object) -> str:
    """The whole sentence in the reader's language; `context` holds file, provider, title, encoding, width, searched."""
    message = MESSAGES[told.code]
    values = {
        "sheet": told.sheet,
        "row": told.row,
        "column": told.column,
        "found": told.found,
        **context,
        **told.values,
    }
    text = str(message.text) % values
    if told.code in ROW_MESSAGES:
        return where(told) + text
    return gettext("Sheet %(sheet)s: ") % values + text if told.sheet and "%(sheet)s" not in str(message.text) else text


def where(told: Told) -> str:
    """`Sheet 户籍人口, row 37, column 姓名: `, as much of it as is known."""
    values = {"sheet": told.sheet, "row": told.row, "column": told.column}
    if told.sheet and told.column:
        return gettext("Sheet %(sheet)s, row %(row)s, column %(column)s: ") % values
    if told.sheet:
        return gettext("Sheet %(sheet)s, row %(row)s: ") % values
    if told.column:
        return gettext("Row %(row)s, column %(column)s: ") % values
    return gettext("Row %(row)s: ") % values


class RegisterRefused(Exception):
    """An action on a delivery was refused; the message says why and what to do."""


DELIVERY_NOT_RECEIVED = _("This delivery is %(state)s, not received. Only a delivery that waits can be decided.")
SAME_FILE = _("The file %(file)s was received already, on %(at)s. It was not loaded again.")
LOADED_TWICE = _("The file %(file)s is being loaded by somebody else at this moment. Look at the list of deliveries.")
FILE_NOT_READABLE = _("The file %(file)s cannot be read (%(found)s). Check its path and that you may read it.")
AREA_UNKNOWN = _("There is no area %(code)s. Load the areas first, or check the code.")
CHOOSE_FILE = _("Choose a file. Nothing was loaded.")
FILE_TOO_LARGE = _("%(file)s is larger than 200 MB. Ask the administrator to load it with renpu load.")
WHY_REFUSED = _("Write why the delivery is refused, for the provider to read. Nothing was changed.")
CHOOSE_PLACE = _("Choose the dwelling or the building, or say that it lies elsewhere. Nothing was changed.")
ADDRESS_DECIDED = _("Somebody has already settled %(address)s. Take that decision back first if it is wrong.")
DECISION_UNDONE = _("This decision was taken back already. Nothing was changed.")
DELIVERY_DESTROYED = _("The rows of this delivery were destroyed on %(at)s. Only its record is left.")
ADDRESS_GONE = _(
    "This address waits no longer: somebody has settled it, it was found, or its list was replaced. Here is what waits."
)
DELIVERY_LOADING = _("This delivery is still being loaded. Wait until it is received.")
WITNESS_MISSING = _("Write who stood by as the witness (监销人). Nothing was destroyed.")
HASH_WRONG = _("%(found)s is not how the file's SHA-256 begins. Compare the delivery. Nothing was destroyed.")
DATE_WRONG = _("%(found)s is no day that is still to come. Write it as 2021-11-01. Nothing was changed.")
WHY_KEPT = _("Write why the date is changed; it stands in the record. Nothing was changed.")
PURPOSE_MISSING = _("Names and numbers in clear need a purpose; it is logged. Nothing was handed out.")
NOT_ACCEPTED = _("Only the addresses of an accepted delivery are looked up. Nothing was changed.")
PLACE_BY_COMMAND = _("The list is too long for a page. Ask the administrator to run renpu place.")
TOO_LARGE_TO_MAP = _("%(file)s is larger than 50 MB, too large to be mapped here. Send a part of it first.")
NO_TABLE = _("No table with a header was found in %(file)s. Check that it is the right file.")
FILE_GONE = _("%(file)s is no longer here: a file waits one day. Send it again.")
COLUMN_NEEDED = _("The %(title)s needs the column %(column)s. Say which column of the file it is.")
COLUMN_NAMED_TWICE = _("Two columns of the file are %(column)s: %(found)s. Leave one of them unread.")
TWO_COLUMNS = _("At least two columns must be named, so that the header can be told from the rows.")
MAPPING_OUTDATED = _("The mapping %(name)s names a register or a column that is no longer there. Map the file again.")
MAP_FIRST = _("%(file)s is not like any register that is known. Say which column is which; next time it is known.")
KNOWN_AGAIN = _("The file was known again by its header and read as mapped: %(title)s.")
RECOGNISED = _("By its header the file was taken for: %(title)s. Refuse it if that is wrong.")

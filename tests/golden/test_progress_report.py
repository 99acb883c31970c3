"""The progress report of the sample street as approved: title, text, appendix and the notes at its figures.

`make golden` writes it anew; read the difference before it is committed, and look at the page.
"""

import os
from pathlib import Path

import pytest

from renpu.monitoring.management.commands.report import at
from renpu.monitoring.reports.docx import document
from renpu.monitoring.reports.progress import progress_report
from renpu.platform.documents import text_of

APPROVED = Path(__file__).with_name("progress_report.txt")


@pytest.mark.django_db
def test_the_report_reads_as_approved(street):
    made = text_of(document(progress_report(street, "310109018", at("2020-11-07T18:00"))))
    if os.environ.get("RENPU_GOLDEN") == "write":
        APPROVED.write_text(made, encoding="utf-8")
    assert made == APPROVED.read_text("utf-8")

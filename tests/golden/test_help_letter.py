"""The letter of a request for help as approved: text of the Word document, and the same text in the PDF.

`make golden` writes it anew; read the difference before it is committed, and look at the page.
"""

import os
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from renpu.platform.documents import text_of
from renpu.tracing.letter_docx import docx
from renpu.tracing.letter_pdf import pdf
from renpu.tracing.letters import letter_text
from tests.site.street import THERE
from tests.tracing.two import Two

APPROVED = Path(__file__).with_name("help_letter.txt")
PAGE = "https://census.example/tracing/reply/"


@pytest.fixture
def letters(db, monkeypatch):
    """One letter on paper and one inside the system, under a code that is always the same."""
    monkeypatch.setattr("renpu.tracing.requests.secrets.randbelow", lambda n: 12345678901)
    two = Two()
    outside = two.outside(due_on=date(2020, 11, 12))
    monkeypatch.setattr("renpu.tracing.requests.secrets.randbelow", lambda n: 1)
    inside = two.letter(two.case(), code=THERE, wants_phone=False, due_on=date(2020, 11, 12))
    return [letter_text(letter, two.census, PAGE) for letter in (outside, inside)]


def test_the_letter_reads_as_approved(letters):
    made = "\n\n".join(text_of(docx(text)) for text in letters)
    if os.environ.get("RENPU_GOLDEN") == "write":
        APPROVED.write_text(made, encoding="utf-8")
    assert made == APPROVED.read_text("utf-8")


def test_a_letter_tells_neither_identity_number_nor_answers(letters):
    made = "\n".join(text_of(docx(text)) for text in letters)
    assert not re.search(r"[0-9]{15}", made.replace("\u00a0", " "))
    for word in ("已婚", "汉族", "大学", "户主"):
        assert word not in made


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext reads the PDF (Debian: poppler-utils)")
def test_the_pdf_says_the_same_as_the_word_document(letters, tmp_path):
    for n, text in enumerate(letters):
        (tmp_path / f"{n}.pdf").write_bytes(pdf(text))
        done = subprocess.run(
            ["pdftotext", "-raw", tmp_path / f"{n}.pdf", "-"], capture_output=True, text=True, check=True
        )
        read = plain(done.stdout)
        for part in (text.title, text.number, text.to, text.opening, *sum(text.parts, ()), text.signs, text.signed_on):
            assert plain(part) in read, part
        for row in text.persons:
            assert all(plain(cell) in read for cell in row)
        assert ("回复码：" in read) == bool(text.code)
        assert plain(text.code) in read


def plain(text: str) -> str:
    """Without layout: spaces, ends of lines, and the numbers of pages."""
    return re.sub(r"—\d—", "", re.sub(r"\s+", "", text))

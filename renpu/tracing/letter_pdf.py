"""A letter as PDF, set by Typst from `letter.typ`: no office suite is needed on the server."""

import io
from dataclasses import asdict
from functools import cache
from importlib.resources import files

import orjson
import segno
import typst

from renpu.tracing.letters import COLUMNS, NO_BREAK, SLIP, LetterText


@cache
def _fonts() -> typst.Fonts:
    """The machine's fonts, looked for once."""
    return typst.Fonts()


def pdf(text: LetterText) -> bytes:
    qr = io.BytesIO()
    if text.code:
        address = f"{text.address}?code={text.code.replace(NO_BREAK, '')}"
        segno.make(address, error="m").save(qr, kind="svg", scale=8, border=1, xmldecl=False)
    letter = orjson.dumps({**asdict(text), "columns": COLUMNS, "slip_columns": SLIP}).decode()
    source = files("renpu.tracing").joinpath("letter.typ").read_bytes()
    return typst.compile(source, font_paths=_fonts(), sys_inputs={"letter": letter, "qr": qr.getvalue().decode()})

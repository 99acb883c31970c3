"""Pages that find one person: as one types in the office, and by a device in its own blocks."""

from datetime import datetime
from typing import Any

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from renpu.concepts.masking import mask_phone
from renpu.geography.places import names_of, place_of
from renpu.linkage import search, typed, wording
from renpu.linkage.pair import Record
from renpu.platform.models import Census
from renpu.platform.office import with_census

SOURCES = 4  # records of one person that are named


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@with_census
def find(request, census):
    """The box and what it finds. What is typed comes by POST: names and numbers stay out of addresses and of their
    logs."""
    place = place_of(request, census, request.POST.get("area") if request.method == "POST" else None)
    text = request.POST.get("q", "")[:200] if request.method == "POST" else ""
    query = typed.read(text)
    answer = search.find(query, census, search.codes_of(request.user, place.code), request.user)
    names = names_of({record.area_code for one in answer.found for record in one.records})
    shown = {
        "place": place,
        "text": text,
        "query": query,
        "answer": answer,
        "found": [as_row(one, names) for one in answer.found],
    }
    part = request.htmx and request.htmx.target == "found"
    return render(request, "linkage/_found.html" if part else "linkage/search.html", shown)


def as_row(one: search.Found, names: dict[str, str]) -> dict[str, Any]:
    """A person found, masked; a phone says its last digits, as lists do."""
    best = fullest(one)
    number = next((record for record in one.records if record.values["id_number"]), best)
    return {
        "name": best.shown("name", clear=False),
        "sex": best.shown("sex", clear=False),
        "birth": best.shown("birth", clear=False),
        "id_number": number.shown("id_number", clear=False),
        "phone": mask_phone(best.values["phone"] or ""),
        "address": best.values["address"] or "",
        "where": names.get(best.area_code, best.area_code),
        "url": best.url,
        "records": one.records[:SOURCES],
        "others": max(len(one.records) - SOURCES, 0),
        "why": [(wording.SIGNS[sign], words) for sign, words in reasons(one)],
        "probability": one.probability,
    }


def fullest(one: search.Found) -> Record:
    """The record by which a person is shown: the likeliest that says when the person was born, else the likeliest."""
    return next((record for record in one.records if record.values["birth"]), one.records[0])


def reasons(one: search.Found) -> list[tuple[str, str]]:
    return wording.in_words(" ".join(f"{name}={level}" for name, level in one.why))


def for_device(told: dict[str, Any], census: Census, blocks: list[str], at: datetime) -> dict[str, Any]:
    """What a device is told: masked persons of its own blocks. `told` is {q} or some of {name, birth, id_number, phone,
    address}."""
    if isinstance(told.get("q"), str):
        query = typed.read(told["q"])
    else:
        query = typed.fields(**{name: told[name][:200] for name in FIELDS if isinstance(told.get(name), str)})
    answer = search.find(query, census, blocks)
    return {
        "server_time": at,
        "ready": answer.ready,
        "unused": query.unused,
        "found": [as_json(one) for one in answer.found],
    }


FIELDS = ("name", "birth", "id_number", "phone", "address")


def as_json(one: search.Found) -> dict[str, Any]:
    best = fullest(one)
    line = next((record for record in one.records if record.key.startswith("line:")), None)
    return {
        "name": best.shown("name", clear=False),
        "sex": best.values["sex"],
        "birth": best.shown("birth", clear=False),
        "id_number": best.shown("id_number", clear=False),
        "phone": best.shown("phone", clear=False),
        "address": best.values["address"],
        "block": best.area_code,
        "household": line.household.id if line else None,
        "line": int(line.key.rsplit(":", 1)[1]) if line else None,
        "sources": sorted({record.source for record in one.records}),
        "probability": one.probability and round(one.probability, 4),
        "why": [list(part) for part in one.why],
        "words": wording.sentence(" ".join(f"{name}={level}" for name, level in one.why)),
    }

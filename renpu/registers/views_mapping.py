"""Pages of unknown files: their columns named by a clerk, and the mappings that are remembered."""

from uuid import UUID

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from renpu.concepts.masking import mask_identity_number, mask_name
from renpu.geography.places import place_of
from renpu.platform.given import number_of
from renpu.platform.language import code_word
from renpu.platform.office import must, with_census
from renpu.registers import desk, guessing, mapping, problems
from renpu.registers.models import RegisterMapping, WaitingFile
from renpu.registers.places import scope
from renpu.registers.problems import RegisterRefused, sentence
from renpu.registers.source import RegisterSource
from renpu.registers.sources import SOURCES, find


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@with_census
def columns(request, census, id: UUID):
    """The columns of a waiting file; guessed first, then as the clerk says. Looking at them again shows what would be
    read; saving takes the file in."""
    waiting = get_object_or_404(WaitingFile.objects.visible_to(request.user), pk=id)
    must(request.user, "take_in", waiting.area_code)
    place, asked, at = place_of(request, census, waiting.area_code), request.POST or request.GET, timezone.now()
    try:
        with mapping.opened(waiting) as path:
            row = asked.get("header", "")
            sketch = guessing.sketch(path, number_of(row, 3) or 0)
            if sketch is None:
                raise RegisterRefused(problems.NO_TABLE % {"file": waiting.file_name})
            source = find(asked.get("source", "") or waiting.source) or guessing.likeliest(SOURCES, sketch.fields)
            named = _said(request, source, sketch) if request.POST else guessing.guess(source, sketch.fields)
            told = mapping.problems_of(source, named)
            if request.POST.get("do") == "save" and not told:
                return _taken_in(request, census, waiting, source, sketch, named)
            rows, reading = mapping.preview(path, _called(source, sketch, named), at)
    except RegisterRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse('deliveries')}?area={waiting.area_code}")
    context = reading.context()
    shown = {
        "place": place,
        "waiting": waiting,
        "source": source,
        "sources": SOURCES,
        "sketch": sketch,
        "fields": [(n, field, named.get(field.title, "")) for n, field in enumerate(sketch.fields)],
        "choices": _choices(source),
        "told": told,
        "about": [sentence(one, **context) for one in reading.told],
        "rows": [_masked(row, context) for row in rows],
        "name": request.POST.get("name", waiting.file_name.rsplit(".", 1)[0])[:80],
    }
    return render(request, "registers/mapping.html", shown)


@require_POST
@with_census
def forget_file(request, census, id: UUID):
    """The waiting file is dropped without being taken in."""
    waiting = get_object_or_404(WaitingFile.objects.visible_to(request.user), pk=id)
    must(request.user, "take_in", waiting.area_code)
    area = waiting.area_code
    mapping.drop(waiting)
    messages.success(request, _("The file was dropped; nothing of it is kept."))
    return redirect(f"{reverse('deliveries')}?area={area}")


@require_safe
@with_census
def mappings(request, census):
    place = place_of(request, census)
    found = RegisterMapping.objects.visible_to(request.user).filter(area_code__startswith=scope(place.code))
    rows = list(found.order_by("name", "id"))
    for one in rows:
        one.title = desk.title_of(one)
        one.number = len(one.columns)
    waiting = WaitingFile.objects.visible_to(request.user).in_area(place.code)
    waiting = waiting.filter(received_at__gte=timezone.now() - mapping.WAITS).order_by("-received_at", "id")
    return render(request, "registers/mappings.html", {"place": place, "rows": rows, "waiting": waiting})


@require_http_methods(["GET", "HEAD", "POST"])
@with_census
def edit(request, census, id: UUID):
    """A remembered mapping changed: its name, and which title is which column."""
    found = get_object_or_404(RegisterMapping.objects.visible_to(request.user), pk=id)
    must(request.user, "take_in", found.area_code)
    source = find(found.source)
    if source is None:
        messages.error(request, problems.MAPPING_OUTDATED % {"name": found.name})
        return redirect("delivery-mappings")
    fields = [guessing.Field(title, (), "") for title in found.titles]
    sketch = guessing.Sketch(0, tuple(fields))
    named = {title: name for name, title in found.columns.items()}
    told: list[str] = []
    if request.POST:
        named = _said(request, source, sketch)
        told = mapping.problems_of(source, named)
        if not told:
            mapping.save(
                area=found.area_code,
                name=request.POST.get("name", ""),
                source=source,
                columns=named,
                titles=found.titles,
                at=timezone.now(),
                by=request.user,
            )
            messages.success(request, _("Saved. The next file with this header is read so."))
            return redirect(f"{reverse('delivery-mappings')}?area={found.area_code}")
    shown = {
        "place": place_of(request, census, found.area_code),
        "mapping": found,
        "source": source,
        "fields": [(n, field, named.get(field.title, "")) for n, field in enumerate(fields)],
        "choices": _choices(source),
        "told": told,
        "name": request.POST.get("name", found.name),
    }
    return render(request, "registers/mapping_edit.html", shown)


@require_POST
@with_census
def forget(request, census, id: UUID):
    found = get_object_or_404(RegisterMapping.objects.visible_to(request.user), pk=id)
    must(request.user, "take_in", found.area_code)
    area, name = found.area_code, found.name
    found.delete()
    messages.success(request, _("%(name)s is forgotten. Deliveries that were read with it stay.") % {"name": name})
    return redirect(f"{reverse('delivery-mappings')}?area={area}")


def _said(request, source: RegisterSource, sketch: guessing.Sketch) -> dict[str, str]:
    """What the form says: title -> column, for the titles that are named."""
    said = ((field.title, request.POST.get(f"column-{n}", "")) for n, field in enumerate(sketch.fields))
    return {title: name for title, name in said if name and source.has(name)}


def _called(source: RegisterSource, sketch: guessing.Sketch, named: dict[str, str]) -> RegisterSource:
    return source.called({**{field.title: "" for field in sketch.fields}, **named})


def _taken_in(request, census, waiting, source, sketch, named):
    """The mapping is remembered and the file taken in with it."""
    remembered = mapping.save(
        area=waiting.area_code,
        name=request.POST.get("name", ""),
        source=source,
        columns=named,
        titles=[field.title for field in sketch.fields],
        at=timezone.now(),
        by=request.user,
    )
    delivery = mapping.take_in(waiting, remembered, at=timezone.now(), by=request.user, census_id=census.pk)
    messages.success(request, _("Taken in as mapped. The next file with this header is known by itself."))
    return redirect("delivery", delivery.pk)


def _choices(source: RegisterSource) -> list[tuple[str, str, bool]]:
    """(name, title, is it needed) of the columns a file's column can be."""
    needed = {name for group in source.needs for name in group}
    return [
        (column.name, column.header, column.required or column.name in needed)
        for column in source.columns
        if column.kind != "unkept"
    ]


def _masked(row, context) -> dict:
    """A row that was read, as a page may show it."""
    return {
        "number": row.number,
        "name": mask_name(row.name),
        "sex": code_word("sex", row.sex) if row.sex else "",
        "birth": row.birth[:7],
        "id": mask_identity_number(row.id),
        "address": row.values.get("address", ""),
        "problems": [sentence(one, **context) for one in row.problems],
    }

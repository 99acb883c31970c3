"""What the form of a request begins with, who may be asked, and what was filled in."""

from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from renpu.geography.models import Area
from renpu.platform.models import Post, Role
from renpu.tracing import problems
from renpu.tracing.cases import TracingRefused
from renpu.tracing.models import Letter
from renpu.tracing.requests import Addressee, Asked

DAYS = 7
PURPOSE = "核实人户分离人员现住地，做到不重不漏"
BASIS = "《中华人民共和国统计法》《全国人口普查条例》"


def addressees(census, but: str = "") -> dict[str, list[tuple[str, str]]]:
    """(value, name) of committees of this installation, and of areas with a police partner."""
    areas = Area.objects.exclude(code=but[:12]).order_by("code").values_list("code", "name")
    committees = [(f"committee:{code}", name) for code, name in areas if len(code) == 12]
    codes = Post.objects.filter(role=Role.POLICE).order_by("area_code").values_list("area_code", flat=True).distinct()
    names = dict(Area.objects.filter(code__in=list(codes)).values_list("code", "name"))
    partners = [(f"police:{code}", names.get(code, code)) for code in codes]
    return {"committees": committees, "partners": partners}


def default_letter(census, from_code: str, user) -> dict[str, str]:
    """With what the form begins: that of the last letter of the committee, else the usual words."""
    last = Letter.objects.of(census).in_area(from_code[:12]).order_by("-sent_at").first()
    return {
        "purpose": last.purpose if last else PURPOSE,
        "basis": last.basis if last else BASIS,
        "contact": last.contact if last else user.get_full_name(),
        "contact_phone": last.contact_phone if last else "",
        "due_on": f"{timezone.localdate() + timedelta(days=DAYS):%Y-%m-%d}",
    }


def read_addressee(form, census) -> Addressee:
    """`to` is kind:code of `addressees`, or `outside` with name and address."""
    kind, _colon, code = form.get("to", "").partition(":")
    if kind == Letter.Kind.OUTSIDE:
        return Addressee(kind, "", form.get("to_name", "").strip(), form.get("to_address", "").strip())
    known = addressees(census)
    if (kind, code) not in {tuple(value.split(":")) for part in known.values() for value, _name in part}:
        raise TracingRefused(problems.NO_ADDRESSEE)
    return Addressee(kind, code)


def read_letter(form) -> Asked:
    try:
        due_on = date.fromisoformat(form.get("due_on", ""))
    except ValueError:
        raise TracingRefused(problems.NO_PURPOSE) from None
    return Asked(
        form.get("purpose", ""),
        form.get("basis", ""),
        due_on,
        form.get("wants_phone") == "1",
        form.get("contact", ""),
        form.get("contact_phone", ""),
    )


def addressee_words(letter: Letter, names: dict[str, str]) -> str:
    """Whom a letter went to, as a list shows it."""
    if letter.to_kind == Letter.Kind.OUTSIDE:
        return letter.to_name
    name = names.get(letter.to_code, letter.to_code)
    return _("Police of %(area)s") % {"area": name} if letter.to_kind == Letter.Kind.POLICE else name

"""What a letter of a request says (协查函), in the words of official letters; `letter_docx` and `letter_pdf` set it.

Of a person it tells only what finding needs: name, sex, month of birth, and the address where
the person is thought to live. No identity number, no answer of a form.
"""

from dataclasses import dataclass
from datetime import date

from renpu.geography.places import names_of
from renpu.platform.language import code_zh
from renpu.platform.models import Census, local
from renpu.tracing.models import HelpRequest, Letter
from renpu.tracing.persons import whos
from renpu.tracing.requests import code_of, opened

COLUMNS = ("序号", "姓名", "性别", "出生年月", "疑似现住址")
SLIP = ("序号", "姓名", "是否现住你处", "联系电话")
CHOICES = "□现住 □不住 □不详"
NO_BREAK = "\u00a0"
SECRECY = (
    "本函及所载信息仅供人口普查使用。依照《全国人口普查条例》第三十三条，能够识别普查对象身份的资料不得对外提供、泄露，"
    "不得用于人口普查以外的目的。"
)


@dataclass(frozen=True, slots=True)
class LetterText:
    """A letter, ready to be set. `persons` are the rows of its table; `slip` those of the reply slip; `address` the
    page for answers that the QR code opens."""

    title: str
    number: str
    to: str
    opening: str
    parts: tuple[tuple[str, str], ...]  # heading, text
    persons: tuple[tuple[str, ...], ...]
    signs: str
    signed_on: str
    code: str
    address: str
    slip_title: str
    slip: tuple[tuple[str, ...], ...]
    slip_foot: tuple[str, ...]


def letter_text(letter: Letter, census: Census, address: str) -> LetterText:
    """The words of a letter; `address` is that of the page for answers."""
    requests = list(letter.requests.exclude(state=HelpRequest.State.WITHDRAWN).select_related("case").order_by("place"))
    people = whos([request.case for request in requests])
    rows = [(people[request.case_id], opened(request, "suspected"), request.wants_phone) for request in requests]
    number = f"人普协查〔{local(letter.sent_at).year}〕{letter.number}号"
    code = code_of(letter) if letter.to_kind == Letter.Kind.OUTSIDE else ""
    return LetterText(
        title=f"{census.name}协查函",
        number=number + (f"（第{letter.reminders}次催办）" if letter.reminders else ""),
        to=f"{addressee_name(letter)}：",
        opening=(
            f"为{letter.purpose}，根据{letter.basis}，现就下列{len(rows)}名人员函请你处协查。"
            "上述人员户口登记在我普查区，本人不在户口登记地居住，可能现住你处。"
        ),
        parts=(
            ("一、协查事项", items(any(phone for *_rest, phone in rows))),
            ("二、回复期限和方式", how_to_answer(letter, code, address)),
            ("三、保密要求", SECRECY),
        ),
        persons=tuple(
            (str(n), who.name, code_zh("sex", who.sex), month(who.birth), suspected or "不详")
            for n, (who, suspected, _phone) in enumerate(rows, 1)
        ),
        signs=office_name(letter.from_code),
        signed_on=day(local(letter.sent_at).date()),
        code=code.replace(" ", NO_BREAK),
        address=address if code else "",
        slip_title=f"协查回执（{number}）",
        slip=tuple((str(n), who.name, CHOICES, "") for n, (who, *_rest) in enumerate(rows, 1)),
        slip_foot=("回复单位（盖章）：", "回复人：", "联系电话：", "日期：    年  月  日"),
    )


def items(wants_phone: bool) -> str:
    first = "（一）该人员是否现住你处；（二）"
    second = (
        "如现住你处，请告知本人联系电话，以便我处电话登记，并请你处同时予以登记。"
        if wants_phone
        else "如现住你处，请你处予以登记。"
    )
    return first + second


def how_to_answer(letter: Letter, code: str, address: str) -> str:
    until = f"请于{day(letter.due_on)}前回复。"
    telephone = ""
    if letter.contact_phone:
        person = f"（联系人：{letter.contact}）" if letter.contact else ""
        telephone = f"致电{letter.contact_phone}{person}"
    if not code:
        return until + "请在普查系统“协查”栏目内回复" + (f"，或{telephone}" if telephone else "") + "。"
    page = f"扫描本函二维码，或打开{address}，输入回复码{code.replace(' ', NO_BREAK)}"
    by_phone = f"；也可{telephone}，报回复码答复" if telephone else ""
    return f"{until}{page}{by_phone}；或填写所附回执寄回。"


def addressee_name(letter: Letter) -> str:
    """Whom the letter is addressed to, in full."""
    if letter.to_kind == Letter.Kind.OUTSIDE:
        return letter.to_name
    if letter.to_kind == Letter.Kind.POLICE:
        return f"{area_name(letter.to_code)}公安协作单位"
    return office_name(letter.to_code)


def office_name(code: str) -> str:
    """A census office by its area: 北街道东居委会人口普查小组."""
    return area_name(code) + ("人口普查小组" if len(code) >= 12 else "人口普查办公室")


def area_name(code: str) -> str:
    """A committee with its street before it, any other area by its own name."""
    codes = [code[:9], code[:12]] if len(code) >= 12 else [code]
    names = names_of(codes)
    return "".join(names.get(one, "") for one in dict.fromkeys(codes)) or code


def day(of: date) -> str:
    return f"{of.year}年{of.month}月{of.day}日"


def month(birth: str) -> str:
    return f"{birth[:4]}年{int(birth[5:7])}月" if len(birth) >= 7 else "不详"

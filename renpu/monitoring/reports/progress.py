"""The progress report (工作进展情况汇报) as data: paragraphs of runs; every number is a figure with its definition."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from renpu.geography.models import Area, Block
from renpu.monitoring.actions import place
from renpu.monitoring.facts import BLOCK, Facts, counts
from renpu.monitoring.indicators import BY_CODE, Indicator, Value, percent, value_of
from renpu.monitoring.models import ReportDraft
from renpu.monitoring.reports import words
from renpu.monitoring.reports.words import MARK, Sentence
from renpu.platform.areas import code_range
from renpu.platform.models import Census, local
from renpu.registers.models import Delivery

SLOW_BLOCKS = 5
SOURCES = {"police": "公安提供的户籍信息", "electricity": "电业部门提供的用电信息", "grid": "网格摸排信息"}
CHANNELS = {"police": "公安户籍信息", "births": "计生信息", "electricity": "用电信息", "grid": "网格摸排"}
BY_RECEIPT = "以平台收到时间为准。"
UNITS = {BLOCK: "普查小区", 12: "社区", 6: "区", 4: "市", 2: "市"}


class Figure(NamedTuple):
    """A number in the text: what it is, its value, and the area and moment for which it holds."""

    indicator: Indicator
    value: Value
    area_code: str
    area_name: str
    as_of: datetime

    @property
    def text(self) -> str:
        return "—" if self.value is None else str(self.value)

    @property
    def scope(self) -> str:
        return f"{self.area_name}（{self.area_code}）"

    @property
    def note(self) -> str:
        """Definition, scope and time, as a note at the number tells them."""
        i = self.indicator
        about = f"{i.name_zh}（{i.code}）：{i.definition_zh}。"
        return about + f"范围：{self.scope}。时点：{chinese_time(self.as_of)}，{BY_RECEIPT}"


class Run(NamedTuple):
    """Text of one kind: `figure` stands for a number, `lead` for the opening phrase of a paragraph."""

    text: str
    figure: Figure | None = None
    lead: bool = False
    draft: bool = False


@dataclass
class Paragraph:
    """`kind`: title, text, heading, item, sign or note. `part` names a free-text part, `source` is its editable
    text."""

    kind: str
    runs: list[Run]
    part: str = ""
    source: str = ""
    hint: str = ""
    edited: ReportDraft | None = None


@dataclass
class Report:
    """A progress report; `figures` are those of `paragraphs` and `notes` in the order of reading."""

    census: Census
    area_code: str
    name: str
    as_of: datetime
    paragraphs: list[Paragraph] = field(default_factory=list)
    notes: list[Paragraph] = field(default_factory=list)

    @property
    def figures(self) -> list[Figure]:
        return [run.figure for p in (*self.paragraphs, *self.notes) for run in p.runs if run.figure is not None]

    @property
    def definitions(self) -> list[Figure]:
        """Each figure once."""
        return list(dict.fromkeys(self.figures))


def progress_report(census: Census, area_code: str, as_of: datetime) -> Report:
    """The report of an area or block as the server knew it at `as_of`; ReportRefused for an unknown area."""
    report = Report(census, area_code, place(area_code), as_of)
    writer = Writer(report)
    add = report.paragraphs.append
    add(Paragraph("title", writer.runs([Sentence(words.TITLE)])))
    add(Paragraph("text", writer.runs([Sentence(words.OPENING)])))
    drafts = newest_drafts(census, area_code, as_of)
    for section in words.SECTIONS:
        add(Paragraph("heading", [Run(section.heading)]))
        for part in section.parts:
            edited = drafts.get(part.key)
            sentences = [Sentence(edited.text)] if edited else writer.left(part.sentences)
            lead = [Run(part.lead, lead=True)] if part.lead else []
            for text in _lines(sentences):
                add(
                    Paragraph(
                        *("item" if part.lead else "text", lead + writer.runs(text), part.key if part.free else ""),
                        *("".join(s.text for s in text), part.hint, edited),
                    )
                )
                lead = []
    add(Paragraph("sign", [Run(report.name)]))
    add(Paragraph("sign", [Run(chinese_date(as_of))]))
    report.notes = [
        Paragraph("note", [Run(f"范围：{report.name}（{area_code}）。时点：{chinese_time(as_of)}，{BY_RECEIPT}")]),
        Paragraph("note", writer.runs(writer.left(words.REMAINDER))),
        Paragraph("note", [Run(words.CORRECTIONS)]),
    ]
    return report


def newest_drafts(census: Census, area_code: str, as_of: datetime) -> dict[str, ReportDraft]:
    """part -> what the office last wrote for a report of this area as of this or an earlier moment."""
    drafts = ReportDraft.objects.filter(census_id=census.pk, area_code=area_code, as_of__lte=as_of)
    newest = {draft.part: draft for draft in drafts.order_by("as_of")}
    return {part: draft for part, draft in newest.items() if draft.text}


def _lines(sentences: list[Sentence]) -> Iterator[list[Sentence]]:
    """Sentences by paragraph: an office's text may hold several."""
    if len(sentences) == 1 and "\n" in sentences[0].text:
        yield from ([sentences[0]._replace(text=line)] for line in sentences[0].text.splitlines() if line.strip())
    elif sentences:
        yield sentences


class Writer:
    """Fills the words of one report with its numbers, each read once."""

    def __init__(self, report: Report):
        self.report = report
        self.facts = Facts(report.census, report.area_code, report.as_of)
        self.known: dict[str, list[Run]] = {}

    def left(self, sentences: Iterable[Sentence]) -> list[Sentence]:
        """Those whose data exist; a full stop where one is left to end."""
        kept = [s for s in sentences if all(self.is_there(need) for need in s.needs)]
        last = [following is None or following.opens for following in (*kept[1:], None)]
        return [s._replace(text=stopped(s.text)) if ends else s for s, ends in zip(kept, last, strict=False)]

    def runs(self, sentences: Iterable[Sentence]) -> list[Run]:
        found: list[Run] = []
        for sentence in sentences:
            for n, piece in enumerate(MARK.split(sentence.text)):
                if n % 2:
                    found += [r if r.figure else r._replace(draft=sentence.draft) for r in self.filled(piece)]
                elif piece:
                    found.append(Run(piece, draft=sentence.draft))
        return found

    def is_there(self, word: str) -> bool:
        return any(run.text not in ("", "0", "—") for run in self.filled(word))

    def filled(self, word: str) -> list[Run]:
        """What stands for {word}: a figure, or words."""
        if word not in self.known:
            if word in BY_CODE:
                figure = self.figure(BY_CODE[word], value_of(BY_CODE[word], self.facts))
                self.known[word] = [Run(figure.text, figure)]
            else:
                self.known[word] = list(WORDS[word](self))
        return self.known[word]

    def figure(self, indicator: Indicator, value: Value, area_code: str = "", name: str = "") -> Figure:
        r = self.report
        return Figure(indicator, value, area_code or r.area_code, name or r.name, r.as_of)


def stopped(text: str) -> str:
    return text[:-1] + "。" if text[-1] in "\uff0c\uff1b、" else text


def ordinal(census: Census) -> str:
    found = re.match(r"第[一二三四五六七八九十]+次", census.name)
    return found[0] if found else ""


def _word(of):
    return lambda writer: [Run(of(writer))]


def _unit(w: Writer) -> str:
    """What a place calls itself: 社区， 街道， 镇 …"""
    code, name = w.report.area_code, w.report.name
    for word in ("街道", "镇", "乡", "村", "县"):
        if name.removesuffix("民委员会").removesuffix("委会").endswith(word):
            return word
    return UNITS.get(len(code), "地")


def _county(w: Writer) -> str:
    name = Area.objects.filter(code=w.report.area_code[:6]).values_list("name", flat=True).first() or ""
    return next((word for word in ("县", "区", "市") if name.endswith(word)), "县")


def _phase(w: Writer) -> str:
    return "调查摸底" if w.report.as_of < w.report.census.t0 else "普查登记"


def _delivered(w: Writer) -> list[str]:
    """The sources of which a list of the area was accepted."""
    code = w.report.area_code
    above = [code[:n] for n in (2, 4, 6, 9, 12)]
    area = Q(area_code__in=above) | Q(area_code__range=code_range(code))
    taken = Delivery.objects.filter(
        area, received_at__lte=w.report.as_of, state__in=(Delivery.State.ACCEPTED, Delivery.State.SUPERSEDED)
    )
    return sorted(set(taken.values_list("source", flat=True)))


def _named(names: dict[str, str]):
    return _word(lambda w: "、".join(names[source] for source in names if source in _delivered(w)))


def _others(w: Writer) -> Iterator[Run]:
    """The rest of the staff by where they came from."""
    told = [
        (words, run)
        for code, words in (("E28", "居委干部"), ("E29", "退休返聘人员"), ("E27", "单位选派普查员"), ("E30", "志愿者"))
        for run in w.filled(code)
        if w.is_there(code)
    ]
    for n, (name, run) in enumerate(told):
        yield Run("并有" + name if n == 0 else "、" + name)
        yield run
        yield Run("名")
    if told:
        yield Run("参与其中，")


def _slow(w: Writer) -> Iterator[Run]:
    """Blocks whose entry rate is below the census's share of the area's own, the slowest first."""
    r = w.report
    if len(r.area_code) == BLOCK:
        return
    by_block = counts([r.census.pk], r.area_code, r.as_of, ("entered", "lines"), by="block_code")
    entered, lines = (sum(c[name] for c in by_block.values()) for name in ("entered", "lines"))
    if not lines:
        return
    limit = r.census.parameter("slow_share") * entered / lines
    rates = sorted((c["entered"] / c["lines"], code) for code, c in by_block.items() if c["lines"])
    slow = [code for rate, code in rates if rate < limit][:SLOW_BLOCKS]
    names = dict(Block.objects.filter(code__in=slow).values_list("code", "name"))
    committees = dict(Area.objects.filter(code__in={c[:12] for c in slow}).values_list("code", "name"))
    for n, code in enumerate(slow):
        of = by_block[code]
        name = names.get(code) or code
        if len(r.area_code) < 12:
            name = committees.get(code[:12], "") + name
        figure = w.figure(BY_CODE["E32"], percent(of["entered"], of["lines"]), code, name)
        yield Run(("、" if n else "") + name + "（录入率")
        yield Run(figure.text, figure)
        yield Run("%）")


WORDS = {
    "unit": _word(_unit),
    "census": _word(lambda w: w.report.census.name.removesuffix("试点")),
    "ordinal": _word(lambda w: ordinal(w.report.census)),
    "short": _word(lambda w: (ordinal(w.report.census).strip("第次") + "人普") or "人普"),
    "offices": _word(lambda w: "市" + _county(w).replace("市", "")),
    "whole": _word(lambda w: "全" + _county(w)),
    "phase": _word(_phase),
    "sources": _named(SOURCES),
    "channels": _named(CHANNELS),
    "others": _others,
    "slow": _slow,
}


def chinese_date(moment: datetime) -> str:
    at = local(moment)
    return f"{at.year}年{at.month}月{at.day}日"


def chinese_time(moment: datetime) -> str:
    at = local(moment)
    minute = f"{at.minute}分" if at.minute or at.second else ""
    return f"{chinese_date(moment)}{at.hour}时{minute}" + (f"{at.second}秒" if at.second else "")

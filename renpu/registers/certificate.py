"""The certificate that a delivery was destroyed (销毁证明), as lines for a page and as a Word document. An official
text: Chinese, whatever the reader reads."""

from typing import NamedTuple

from django.utils.translation import override
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt

from renpu.geography.places import names_of
from renpu.platform.documents import BODY, BODY_FONT, official_document, saved, style
from renpu.platform.models import local
from renpu.registers.destruction import DELETED, OVERWRITTEN, REWRITTEN
from renpu.registers.models import Delivery
from renpu.registers.sources import find

TITLE = "普查部门资料销毁证明"
METHODS = {
    OVERWRITTEN: "逐行删除并以零覆盖（SQLite secure_delete），清空预写日志，重写整个数据库文件（VACUUM）。",
    REWRITTEN: "逐行删除后重写数据表及其索引（PostgreSQL VACUUM FULL），旧文件随即移除。",
    DELETED: "逐行删除。数据库文件尚未重写，须再次执行销毁命令（renpu destroy-registers --rewrite）后方为彻底。",
}
LIMITS = "本证明不包括此前另行制作的备份、导出件和纸质件，应由保管人另行销毁并登记。"
# What later rooms held of the rows (`destruction.HOLDERS`), by the beginning of its name.
KINDS = {"link": "比对关系", "finding": "比对结论", "unit": "集体户口人员信息", "wrong": "电话错号记录"}


class Certificate(NamedTuple):
    """What the certificate says: its number, its sentence, (what, value) lines, the limits, and who signs."""

    number: str
    sentence: str
    lines: tuple[tuple[str, str], ...]
    limits: str
    office: str
    day: str


def certificate(delivery: Delivery) -> Certificate:
    """The certificate of a destroyed delivery; ValueError for one whose rows are there."""
    if not delivery.destroyed_at:
        raise ValueError(f"delivery {delivery.pk} is not destroyed")
    with override("zh-hans"):
        return _certificate(delivery)


def _certificate(delivery: Delivery) -> Certificate:
    told, source, at = delivery.destruction, find(delivery.source), local(delivery.destroyed_at)
    area = names_of([delivery.area_code]).get(delivery.area_code, delivery.area_code)
    received = local(delivery.received_at)
    receiver = delivery.received_by.get_username() if delivery.received_by else "命令行"
    held: dict[str, int] = {}
    for name, number in told.get("held", {}).items():
        kind = KINDS.get(name.split("_")[0], name)
        held[kind] = held.get(kind, 0) + number
    lines = (
        ("资料名称", str(source.title) if source else delivery.source),
        ("提供单位", str(source.provider) if source else ""),
        ("所属辖区", f"{area}（{delivery.area_code}）"),
        ("文件名", delivery.file_name),
        ("文件校验值", f"SHA-256 {delivery.sha256}"),
        ("接收", f"{received:%Y年%-m月%-d日 %H:%M}，{receiver}"),
        ("接收行数", f"{delivery.rows_read:,} 行，其中有效 {delivery.rows_kept:,} 行"),
        ("销毁行数", f"{told.get('rows', 0):,} 行，含密封的姓名、证件号码和电话"),
        ("一并销毁", "、".join(f"{kind} {n:,} 条" for kind, n in held.items()) or "无"),
        ("保留内容", "本交接记录、行数、问题计数、校验值、经办过程"),
        ("销毁方式", METHODS[told.get("method", DELETED)]),
        ("销毁时间", f"{at:%Y年%-m月%-d日 %H:%M:%S}"),
        ("销毁人", told.get("by") or "命令行"),
        ("监销人", told.get("witness", "")),
    )  # fmt: skip
    sentence = (
        f"兹证明，为{area}开展人口普查所接收的下列部门资料，已按照统计资料保密和限期销毁的规定销毁，"
        "资料内容无法从普查系统中恢复。"
    )
    return Certificate(
        f"{delivery.area_code}-{at:%Y%m%d}-{delivery.pk.hex[:8]}", sentence, lines, LIMITS, f"{area}人口普查办公室",
        f"{at:%Y年%-m月%-d日}",
    )  # fmt: skip


def document(delivery: Delivery) -> bytes:
    """The certificate as .docx."""
    told = certificate(delivery)
    word = official_document(numbered=False)
    word.add_paragraph(TITLE, style="Title")
    number = word.add_paragraph(f"编号：{told.number}")
    number.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    word.add_paragraph(told.sentence)
    _table(word, told.lines)
    word.add_paragraph(told.limits)
    for text in ("销毁人（签字）：            监销人（签字）：", told.office + "（盖章）", told.day):
        line = word.add_paragraph(text)
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        line.paragraph_format.right_indent = BODY * 2
    return saved(word, title=TITLE, author="renpu")


def _table(word, lines) -> None:
    cell = word.styles.add_style("Cell", 1)
    cell.base_style = word.styles["Normal"]
    style(cell, BODY_FONT, Pt(10.5), indent=Pt(0))
    cell.paragraph_format.line_spacing = Pt(18)
    cell.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    table = word.add_table(rows=0, cols=2, style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = (Mm(32), Mm(124))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for name, value in lines:
        row = table.add_row()
        for place, (text, width) in enumerate(zip((name, value), widths, strict=True)):
            row.cells[place].width = width
            row.cells[place].paragraphs[0].style = cell
            row.cells[place].paragraphs[0].add_run(text)

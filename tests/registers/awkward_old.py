"""Workbooks of the old kind (.xls, BIFF), about invented people; written by `make_samples --old`, which needs xlwt.

The files in `samples` are kept as they were written once: xlwt is old, and nothing else needs it.
"""

import io
import struct
from collections.abc import Sequence
from datetime import date

from tests.registers.numbers import number, wrong


def _saved(
    sheets: dict[str, list[tuple]],
    merged: dict[str, list[tuple]] | None = None,
    hidden: str = "",
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[int] = (),
) -> bytes:
    """A workbook of sheets, given as rows of cells; dates get a format, so that they are stored as serial days."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    as_date = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        spans = {(top, left): (bottom, right) for top, bottom, left, right in (merged or {}).get(name, ())}
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is None:
                    continue
                style = as_date if isinstance(cell, date) else xlwt.Style.default_style
                value = xlwt.Formula(cell[1:]) if isinstance(cell, str) and cell.startswith("=") else cell
                if (row, column) in spans:
                    bottom, right = spans[row, column]
                    sheet.write_merge(row, bottom, column, right, value, style)
                else:
                    sheet.write(row, column, value, style)
        if name == hidden:
            sheet.visibility = 1
        for row in hidden_rows:
            sheet.row(row).hidden = True
        for column in hidden_columns:
            sheet.col(column).hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cremations() -> bytes:
    """Dates as serial days with and without a format, an age and no date of birth, relatives, a wrong check character,
    the day of death left out."""
    rows = [
        ("某殡仪馆(虚构)2020年火化名册",),
        ("火化编号", "逝者姓名", "性别", "年龄", "身份证号码", "死亡时间", "火化时间", "生前住址", "承办人", "与逝者关系", "联系电话"),
        ("H001", "陈一", "男", 90, number("19300102", 11), date(2020, 3, 5), date(2020, 3, 8), "唐山路1号", "陈小", "子", "12511110001"),
        ("H002", "张　二", "女", "九十二岁", number("19280405", 22), 43922, "2020年4月3日", None, None, None, None),
        (3, "李三", "男", 85, wrong(number("19350606", 33)), None, date(2020, 5, 1), "唐山路3号", "李四", "女", "无"),
        ("H004", "无名", None, None, None, "2020-13-01", "2020-05-09", None, None, None, None),
        ("H001", "陈一", "男", 90, number("19300102", 11), date(2020, 3, 5), date(2020, 3, 8), "唐山路1号", "陈小", "子", "12511110001"),
        ("合计", "5", None, None, None, None, None, None, None, None, None),
    ]  # fmt: skip
    return _saved({"火化": rows}, {"火化": [(0, 0, 0, 10)]})


def residence_permits() -> bytes:
    """An address merged down its people, a hidden sheet, full-width numbers, a number of the old kind, two names for one
    number."""
    rows = [
        ("姓名", "性别", "身份证号", "居住地址", "户籍地", "居住证号", "登记日期", "有效期至", "房东姓名", "联系电话"),
        ("周一", "男", number("19900101", 11), "唐山路1号101室", "外省某县", "X1", date(2019, 5, 1), "2020-05-01", "房东甲", "12511110001"),
        ("吴二", "女", number("19910202", 22).translate(str.maketrans("0123456789", "０１２３４５６７８９")), None, "外省某县", "X2", "20190501", None, None, None),
        ("郑三", "男", "310199650303003", None, "外省", "X3", "2018年", None, None, "125****0003"),
        ("王四", "女", number("19900101", 11), "唐山路2号", "外省", "X4", 43000.5, None, "房东乙", None),
        ("备注:以上为示例",),
    ]  # fmt: skip
    left = [("姓名", "身份证号", "居住地址"), ("旧某", number("19700101", 11), "唐山路9号")]
    return _saved({"在册": rows, "注销": left}, {"在册": [(1, 3, 3, 3)]}, hidden="注销")


def electricity() -> bytes:
    """One line a meter and month, sheets by quarter, accounts as numbers, quantities with their unit or as formulas, a hidden row and column."""
    head = ("户号", "户名", "用电地址", "月份", "用电量")
    spring = [
        head,
        ("0001", "黄一", "唐山路1号", 202004, 10.5),
        ("0001", "黄一", "唐山路1号", "2020年5月", "11度"),
        (2, "范二", "唐山路2号", 202005, "１２ KWH"),
        (2, "范二", "唐山路2号", 202006, "=10+2"),
        ("0003", "上海某店", "唐山路3号", date(2020, 6, 1), -3),
    ]
    summer = [head, ("0001", "黄一", "唐山路1号", 202007, 0), ("0003", "上海某店", "唐山路3号", 20207, 4), ("小计",)]
    return _saved({"二季度": spring, "三季度": summer}, hidden_rows=[2], hidden_columns=[1])


def births() -> bytes:
    """Two header rows with merged titles, a mother of twins, an infant entered twice under another name, a birth without
    its day."""
    rows = [
        ("出生证编号", "新生儿", None, None, "母亲", None, None),
        (None, "新生儿姓名", "新生儿性别", "出生日期", "母亲姓名", "母亲证件号码", "母亲住址"),
        ("T1", "沈大", "男", date(2020, 2, 1), "沈母", number("19900101", 22), "唐山路1号"),
        ("T2", "沈小", "女", date(2020, 2, 1), "沈母", number("19900101", 22), "唐山路1号"),
        ("T2", "沈小小", "女", date(2020, 2, 1), "沈母", number("19900101", 22), "唐山路1号"),
        ("T3", "李某之女", "女", "2020年3月", "李某", "护照E1234567", "唐山路2号"),
        ("T4", "赵四", "女性", "43905", "赵母", number("19920202", 24), "唐山路3号"),
    ]
    return _saved({"签发": rows}, {"签发": [(0, 1, 0, 0), (0, 0, 1, 3), (0, 0, 4, 6)]})


def police() -> bytes:
    """Households merged down their members, sheets by committee, one without a header, errors left as text."""
    head = ("户号", "户别", "与户主关系", "姓名", "性别", "公民身份号码", "住址")
    one = [
        ("唐山居委会户籍人口",),
        head,
        ("0001", "家庭户", "户主", "何一", "男", number("19500101", 11), "唐山路1号"),
        (None, None, "配偶", "何妻", "女", number("19510202", 22), None),
        ("0002", "家庭户", "户主", "#N/A", "男", number("19600303", 33), "唐山路2号"),
        (None, None, "子", "钱子", "女", number("19900404", 43), None),
    ]
    two = [("0003", "家庭户", "户主", "孙三", "男", number("19700505", 55), "唐山路3号")]
    return _saved({"唐山": one, "无表头": two}, {"唐山": [(2, 3, 0, 0), (2, 3, 1, 1), (2, 3, 6, 6)]})


def rounded() -> bytes:
    """Every number typed as a quantity, so that its last digits are lost."""
    rows = [("户号", "姓名", "性别", "公民身份号码")]
    rows += [
        (f"{i:03d}", f"王{'一二三四五六七八九十'[i % 10]}", "男", int(number(f"19{50 + i}0101", 101)[:15] + "000"))
        for i in range(22)
    ]
    return _saved({"户籍": rows})


def compound(name: str, content: bytes) -> bytes:
    """A compound file with one stream of 4,096 to 60,000 bytes, as a workbook that is locked by a password lies in one
    ([MS-CFB] 2)."""
    end, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    content = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
    sectors = [table, end, *range(3, 2 + len(content) // 512), end]

    def entry(called: str, kind: int, child: int, start: int, length: int) -> bytes:
        letters = (called + "\0").encode("utf-16-le")
        links = struct.pack("<HBBIII", len(letters), kind, 1, free, free, child)
        return letters.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, length)

    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[free] * 108)
    folder = entry("Root Entry", 5, 1, end, 0) + entry(name, 2, free, 2, len(content))
    return head + struct.pack("<128I", *(sectors + [free] * 128)[:128]) + folder.ljust(512, b"\0") + content


FILES = {
    "cremations/serial_days.xls": cremations,
    "residence_permits/merged_hidden.xls": residence_permits,
    "electricity/quarters.xls": electricity,
    "births/twins.xls": births,
    "police/committees.xls": police,
    "police/rounded.xls": rounded,
    "police/cut_off.xls": lambda: police()[:3000],
}

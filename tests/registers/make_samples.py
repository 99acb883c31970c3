"""Writes the files of tests/registers/samples: lists as nasty as offices send them, about invented people.

`python -m tests.registers.make_samples` after a change; the expected rows beside them (`*.rows.csv`) are what a clerk
would read from the file, gone through row by row. `police/far_cell.xls` is a workbook of the old kind with bytes
damaged, so that it names a cell far outside any sheet; `deaths/serials_hidden.xls` is the .xlsx, saved by an office
suite.
"""

import io
import re
import sys
import zipfile
from datetime import date
from pathlib import Path

from tests.registers import awkward_books, awkward_old, awkward_pages, awkward_text, awkward_zips
from tests.registers.numbers import number, wrong

SAMPLES = Path(__file__).parent / "samples"

HEAD = "序号;户号;户别;与户主关系;姓 名*;性别;民族;出生日期;公民身份号 码;住址;所属居委;联系电话"


def nasty_text() -> bytes:
    """Semicolons, GB18030 with a character outside GBK, a title, broken lines, other encodings, formulas, markup."""
    n = number
    lines = [
        "北外滩街道户籍人口花名册;;;;;;;;;;;",  # 1
        "",  # 2
        HEAD,  # 3
        f"1;01;家庭户;户主;王建国;男;汉族;19510203;{n('19510203', 11)};杨树浦路1弄2号;提篮桥居委会;12511112222",  # 4
        f'2;01;家庭户;配偶;李　明;女;汉族;1953-04-05;{n("19530405", 22)};"杨树浦路1弄\r\n2号";提篮桥居委会;',  # 5, 6
        f"3;02;家庭户;户主;\U00020bb7田一;2;汉族;1960.7.8;'{n('19600708', 44)};唐山路3号;唐山居委会;",  # 7
        f'4;02;家庭户;子女;吴小;1;汉族;19880808;="{n("19880808", 13)}";唐山路3号;唐山居委会;',  # 8
        f"5;03;家庭户;户主;=cmd|' /C calc'!A0;男;汉族;19700101;{n('19700101', 15)};唐山路4号;唐山居委会;",  # 9
        f"6;03;家庭户;配偶;<script>alert(1)</script>;女;汉族;19710101;{n('19710101', 26)};唐山路4号;唐山居委会;",  # 10
        "小计;;;;6人;;;;;;;",  # 11
        "7;04;家庭户;户主;赵四;男;汉族;19800230;3.10199E+17;唐山路5号;唐山居委会;",  # 12
        "8;04;家庭户;配偶;钱五;未知;汉族;;;唐山路5号;唐山居委会;",  # 13
        HEAD,  # 14
        f"9;05;家庭户;户主;孙六;男;汉族;19900909;{wrong(n('19900909', 17))};唐山路6号;唐山居委会;",  # 15
        f"10;05;家庭户;子女;周\x00七;男;汉族;20101010;{n('20101010', 19)};唐山路6号;唐山居委会;",  # 16
        f'11;06;家庭户;户主;郑"八;男;汉族;19850505;{n("19850505", 31)};"唐山路7号;唐山居委会;',  # 17
        f"12;06;家庭户;配偶;冯九;女;汉族;19860606;{n('19860606', 48)};唐山路7号;唐山居委会;;多出;来",  # 18
        f"13;06;家庭户;子女;陈十;女;汉族;20150505;{n('20150505', 28)}",  # 19
        f"1;01;家庭户;户主;王建国;男;汉族;19510203;{n('19510203', 11)};杨树浦路1弄2号;提篮桥居委会;12511112222",  # 20
        f"14;07;家庭户;户主;王建国;男;汉族;19510203;{n('19510203', 11)};唐山路8号;唐山居委会;",  # 21
        ";;;;;;;;;;;",  # 22
        "15;07;家庭户;子女;;;;;;唐山路8号;唐山居委会;",  # 23
        "合 计;;;;15人;;;;;;;",  # 24
        "填表人:王小明(虚构);;;审核人:;;;;填报日期:2020年10月8日;;;;",  # 25
    ]
    parts = [line.encode("gb18030") for line in lines]
    utf8 = f"16;08;家庭户;户主;唐宋元明;男;汉族;19660606;{n('19660606', 33)};唐山路九号;唐山居委会;"
    lost = (
        b"17;08;"
        + "家庭户;子女;".encode("gb18030")
        + b"\xff\xff;"
        + f"男;汉族;19960606;{n('19960606', 35)};唐山路九号;".encode("gb18030")
    )
    parts[22:22] = [
        utf8.encode(),
        lost + "唐山居委会;".encode("gb18030"),
    ]  # lines 23 and 24; what follows moves down by two
    return b"\r\n".join(parts) + b"\r\n"


def clean_lines(count: int = 30) -> list[str]:
    head = "户号,姓名,性别,出生日期,公民身份号码,住址,所属居委"
    rows = [
        f"{i // 3:03d},王{'一二三四五六七八九十'[i % 10]}{'甲乙丙'[i % 3]},{'女男'[i % 2]},19{50 + i}0101,"
        f"{number(f'19{50 + i}0101', 100 + i)},唐山路{i}号,唐山居委会"
        for i in range(count)
    ]
    return [head, *rows]


def office_book() -> bytes:
    """Three header rows, merged households, sheets hidden and of other columns, a summary, formulas, errors, dates."""
    from openpyxl import Workbook

    book = Workbook()
    one = book.active
    one.title = "一组"
    one.merge_cells("A1:H1")
    one["A1"] = "提篮桥居委会户籍人口花名册(一组)"
    for place, text in {
        "A2": "户\n号",
        "B2": "人员信息",
        "E2": "身份证",
        "F2": "出生\n日期",
        "G2": "地址",
        "H2": "户\n籍\n备注",
    }.items():
        one[place] = text
    for place, text in {"B3": "姓  名", "C3": "性\n别", "D3": "与户主\n关系", "E3": "号码", "G3": "路弄号"}.items():
        one[place] = text
    one["D4"] = "(代码或文字)"
    for merged in ("B2:D2", "A2:A4", "F2:F4", "H2:H4"):
        one.merge_cells(merged)
    rows = {
        5: ("0101", "杜文林", "男", "户主", number("19591208", 41), date(1959, 12, 8), "杨树浦路112弄8号2楼", None),
        6: (None, "龚玲芬", "女", "配偶", "'" + number("19601029", 110), "1960年10月29日", None, "=1+1"),
        7: (None, "杜　小", "男", "子女", int(number("19880101", 11)[:17] + "0"), 19880101, None, None),
        8: ("小计", "3人", None, None, None, None, None, None),
        10: (
            102,
            "阿依古丽·买买提",
            "女",
            "户主",
            number("19790414", 210).lower(),
            "#N/A",
            '=HYPERLINK("http://x","杨树浦路")',
            None,
        ),
        11: (None, "买买提", "男", "子女", " " + number("20050101", 33) + " ", "200501", "杨树浦路113弄", None),
        12: ("0103", "欧阳某某(曾用名欧阳旧)", "女", "户主", "310199510203001", None, "杨树浦路114弄", None),
        13: ("本页合计", "6人", None, None, None, None, None, None),
        15: ("填表人:王小明(虚构)", None, None, "审核人:", None, None, None, None),
    }
    for row, cells in rows.items():
        for column, value in enumerate(cells, 1):
            if value is not None:
                one.cell(row, column, value)
    one.merge_cells("A5:A7"), one.merge_cells("G5:G7")
    two = book.create_sheet("二组")
    two.append(["居民身份证号", "姓名", "户号"])
    two.append([number("19990909", 12), "沈二", "0201"])
    two.append([None, "沈三", "0201"])
    two.append([number("19591208", 41), "杜文林", "0101"])
    hidden = book.create_sheet("旧")
    hidden.append(["户号", "姓名", "公民身份号码"])
    hidden.append(["0301", "隐某", number("19450101", 16)])
    hidden.sheet_state = "hidden"
    summary = book.create_sheet("汇总")
    summary.append(["居委", "户数", "人数"])
    summary.append(["提篮桥", 3, 6])
    return saved(book)


def rounded_book() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["户号", "姓名", "性别", "公民身份号码"])
    for i in range(24):
        whole = number(f"19{50 + i}0101", 100 + i)
        sheet.append(
            [
                f"{i:03d}",
                f"王{'一二三四五六七八九十'[i % 10]}",
                "男" if i % 2 else "女",
                whole if i % 4 == 0 else int(whole[:17]) * 10,
            ]
        )
    return saved(book)


def saved(book) -> bytes:
    """The workbook with fixed stamps, so that the same content gives the same bytes."""
    out, source = io.BytesIO(), io.BytesIO()
    book.save(source)
    with zipfile.ZipFile(source) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as fixed:
        for part in parts.namelist():
            content = re.sub(rb">\d{4}-\d\d-\d\dT[\d:]+Z<", b">2020-10-08T00:00:00Z<", parts.read(part))
            fixed.writestr(zipfile.ZipInfo(part, (2020, 10, 8, 0, 0, 0)), content)
    return out.getvalue()


def old_book() -> bytes:
    """An .xls of the old kind; needs xlwt, which only this function uses."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("户籍")
    for row, cells in enumerate(
        [
            ["户号", "姓名", "性别", "公民身份号码"],
            ["001", "何旧", "男", number("19620202", 13)],
            ["", "何小", "女", number("19920202", 24)],
        ]
    ):
        for column, cell in enumerate(cells):
            if cell:
                sheet.write(row, column, cell)
    sheet.merge(1, 2, 0, 0)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def files() -> dict[str, bytes]:
    lines = clean_lines()
    rounded = "\r\n".join(
        [lines[0], *(line.replace(line.split(",")[4], line.split(",")[4][:15] + "000") for line in lines[1:])]
    )
    return {
        "nasty_gb18030.csv": nasty_text(),
        "office.xlsx": office_book(),
        "rounded_column.xlsx": rounded_book(),
        "rounded_column.csv": rounded.encode("utf-8-sig"),
        "cut_in_character.csv": "\n".join(lines[:12]).encode("gbk")[:-1],
        "cut_in_quotes.csv": ("\n".join(lines[:9]) + '\n003,王尾甲,男,19580101,,"唐山路\n9').encode(),
        "cut_in_row.csv": ("\n".join(lines[:9]) + "\n003,王").encode(),
        "web_page.xlsx": "<html><meta charset=gbk><body><p>请先登录</p></body></html>".encode("gbk"),
        "wrong_header.csv": "户号,人员名字,性别,身份证编号\n001,王一,男,\n".encode(),
        "no_header.csv": "001,王一,男,310199\n002,李二,女,310199\n".encode(),
        "empty.csv": b"\xef\xbb\xbf\r\n",
        "only_header.csv": (lines[0] + "\n").encode(),
        "damaged.xlsx": office_book()[:3000],
        "words.docx": words(),
        "named_otherwise.csv": office_book(),
        **{name: saved(make()) for name, make in awkward_books.FILES.items()},
        **{name: make() for name, make in awkward_pages.FILES.items()},
        **{name: make() for name, make in awkward_zips.FILES.items()},
        **{name: make() for name, make in awkward_text.FILES.items()},
    }


def words() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr(zipfile.ZipInfo("word/document.xml", (2020, 10, 8, 0, 0, 0)), "<w/>")
    return out.getvalue()


if __name__ == "__main__":
    for name, content in files().items():
        SAMPLES.joinpath(name).parent.mkdir(exist_ok=True)
        SAMPLES.joinpath(name).write_bytes(content)
    if "--old" in sys.argv:
        SAMPLES.joinpath("old_book.xlsx").write_bytes(old_book())
        for name, make in awkward_old.FILES.items():
            SAMPLES.joinpath(name).parent.mkdir(exist_ok=True)
            SAMPLES.joinpath(name).write_bytes(make())

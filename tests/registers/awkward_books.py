"""Workbooks (.xlsx) as offices send them, one or more a register, about invented people; written by `make_samples`."""

from datetime import date, datetime

from tests.registers.numbers import number


def _book():
    from openpyxl import Workbook

    book = Workbook()
    return book, book.active


def _fill(sheet, rows: dict[int, tuple], first_column: int = 1) -> None:
    for number_of_row, cells in rows.items():
        for column, value in enumerate(cells, first_column):
            if value is not None:
                sheet.cell(number_of_row, column, value)


def deaths():
    """Serial days of a spreadsheet, real dates, a date of the lunar calendar, hidden rows, columns and sheets, two
    header rows, formulas, a death told twice."""
    book, sheet = _book()
    sheet.title = "死亡名单"
    _fill(
        sheet,
        {
            1: ("2020年死亡人员名单(卫健)",),
            3: ("序号", "死者信息", None, None, None, "死亡", None, "生前\n常住地址", "死因"),
            4: (None, "姓名", "性别", "出生\n年月日", "身份证\n号码", "死亡\n日期", "死亡地点"),
            5: (1, "陈一", "男", date(1930, 1, 2), number("19300102", 11), 43895, "医院", "唐山路1号", "不应保留"),
            6: (2, "张二", "女", 10000, number("19270518", 22), datetime(2020, 4, 1, 9, 30), "家中", "唐山路2号"),
            7: (3, "李三", "男", "农历1935年腊月廿三", number("19360117", 33), "2020年5月", "家中", "唐山路3号"),
            8: (4, "=A8", "女", 19400404, number("19400404", 44), "2020-06-31", None, "唐山路4号"),
            9: (5, "王五", "男", None, int(number("19410505", 51)[:15] + "000"), 20200701, None, "唐山路5号"),
            10: (6, "陈一", "男", date(1930, 1, 2), number("19300102", 11), 43895, "医院", "唐山路1号"),
            11: ("小计", "6人"),
            12: (7, "赵六", "女", "=DATE(1950,1,1)", number("19500101", 68), "#REF!", None, "唐山路6号"),
            14: ("审核人:",),
        },
    )
    for merged in ("A3:A4", "B3:E3", "F3:G3", "H3:H4", "A1:I1"):
        sheet.merge_cells(merged)
    sheet.row_dimensions[7].hidden = sheet.row_dimensions[10].hidden = True
    sheet.column_dimensions["I"].hidden = True
    old = book.create_sheet("2019")
    _fill(old, {1: ("姓名", "身份证号", "死亡日期"), 2: ("旧某", number("19300303", 15), "20190101")})
    old.sheet_state = "veryHidden"
    return book


def grid():
    """A table that begins in column B, merged stairs, an address in parts, head counts in words, totals of a stair, a
    second sheet in another order of columns, a note."""
    book, sheet = _book()
    sheet.title = "1号网格"
    _fill(
        sheet,
        {
            2: ("某小区(虚构)居住情况排摸",),
            4: ("小区", "幢号", "室号", "居住情况", "住户姓名", "居住人数", "联系电话", "走访日期"),
            5: ("海上小区", "3幢", 101, "自住", "林一", 3, 12500040001, date(2020, 9, 1)),
            6: (None, None, "102", "出租", "赵二、钱三", "两人", "12500040002", "2020年9月2日"),
            7: (None, None, "103", "空置", None, 0, None, 20200903),
            8: (None, None, "201", "自住", "周*", "3人(含1保姆)", "125****0003", "9月4日"),
            9: ("3幢小计", None, 4, None, None, 8),
            10: (None, "4幢", "101", "群租房多户合住情况复杂需要复查无法进入室内", "吴五", "约5", "无", "2020-09-05"),
            11: (None, "4幢", None, "自住", "郑六", "=2+1", None, "2020-09-05"),
            12: ("备注:本表由物业提供",),
        },
        first_column=2,
    )
    sheet.merge_cells("B5:B8"), sheet.merge_cells("C5:C8"), sheet.merge_cells("B2:I2")
    sheet.merge_cells("B10:B11")
    second = book.create_sheet("2号网格")
    _fill(
        second,
        {
            1: ("走访时间", "人数", "姓名", "使用情况", "地址", "电话"),
            2: ("2020/9/6", "１", "ＳＭＩＴＨ　ＪＯＨＮ", "出租", "东大名路１１７弄４号２０４室", "021-65000000转8"),
            3: ("2020-12-01", "三口", "沈七", "自住", "东大名路117弄4号205室", None),
            4: ("2020-09-07", None, None, None, "东大名路117弄4号206室", None),
        },
    )
    return book


def electricity():
    """Months as real dates and as numbers, accounts typed as numbers, quantities with their unit, an error in a cell, a
    sheet for one month alone whose name says which."""
    book, sheet = _book()
    sheet.title = "居民"
    _fill(
        sheet,
        {
            1: ("客户编号", "客户名称", "用电地址", datetime(2020, 7, 1), 202008, "2020年9月(kWh)", "近三月合计"),
            2: (310100000001, "黄华", "唐山路1号", 35.0, 36.5, "37度", 108.5),
            3: ("0310100000002", "范根", "唐山路2号", "-5", "=3*4", "#DIV/0!", None),
            4: (1234567890123456789, "李文", "唐山路3号", 1, 2, 3, None),
            5: ("0310100000004", "王武", "唐山路4号", None, "", "抄表失败", None),
            6: ("0310100000004", "王武", "唐山路4号后门", 0, 0, 1e300, None),
            7: ("合计", None, None, 9999, 9999, 9999, None),
        },
    )
    month = book.create_sheet("2020年10月")
    _fill(
        month,
        {
            1: ("户号", "户名", "用电地址", "用电量"),
            2: ("0310100000002", "范根", "唐山路2号", 11),
            3: ("0310100000009", "孙九", "唐山路9号", "估12"),
        },
    )
    return book


def employer():
    """Two header rows, ticks and crosses for yes and no, words that mean neither, a dormitory merged down its people,
    some numbers rounded, somebody twice with two numbers of staff."""
    book, sheet = _book()
    sheet.title = "名册"
    _fill(
        sheet,
        {
            1: ("某海洋保险公司(虚构)集体户口名册",),
            2: ("工号", "基本情况", None, None, "户口", "住宿", None, "现居住地址", "手机"),
            3: (None, "员工姓名", "性别", "身份证号码", "户口是否在司", "是否住宿舍", "宿舍房号"),
            4: ("A1", "韦一", "女", number("19900101", 22), "是", "√", "201", None, "12502480001"),
            5: ("A2", "林二", "男", number("19910202", 31), "集体户", "是", None, "唐山路1号", "1.2502E+10"),
            6: ("A3", "彭三", "女", int(number("19920303", 42)[:15] + "000"), "否", "×", None, "唐山路2号", None),
            7: ("A4", "张四", "男", number("19930404", 53), "已迁出", "有时", None, None, None),
            8: ("A5", "林二", "男", number("19910202", 31), "Y", "N", None, "外区", None),
            9: ("A6", None, None, None, "是", None, None, None, None),
            10: ("共6人",),
        },
    )
    for merged in ("A1:I1", "A2:A3", "B2:D2", "F2:G2", "H2:H3", "I2:I3", "G4:G5"):
        sheet.merge_cells(merged)
    return book


def police_households():
    """One line a household: counts as text and formula, a number typed as a number, a household without its number, one
    twice, subtotals by committee, a sheet of another kind."""
    book, sheet = _book()
    sheet.title = "户"
    _fill(
        sheet,
        {
            1: ("户号", "户别", "户主姓名", "户主身份证号", "户籍地址", "所属居委", "户内人口数", "立户日期"),
            2: ("0001", "家庭户", "杜一", number("19500101", 11), "唐山路1号", "唐山居委会", 3, date(1990, 1, 1)),
            3: (2, "家庭户", "龚二", number("19600202", 22), "唐山路2号", "唐山", "4人", "1995-02"),
            4: (None, "家庭户", "沈三", None, "唐山路3号", "唐山居委会", "五", None),
            5: ("唐山小计", None, None, None, None, None, 12, None),
            6: ("0004", "集体户", None, None, "唐山路4号", "久耕居委会", "=SUM(G2:G4)", "民国八十年"),
            7: ("0001", "家庭户", "杜一", number("19500101", 11), "唐山路1号", "唐山居委会", 3, date(1990, 1, 1)),
            8: ("0005", "家庭户", "钱五", number("19700505", 55)[:-1], "唐山路5号", "久耕居委会", -1, None),
        },
    )
    _fill(book.create_sheet("汇总"), {1: ("居委", "户数"), 2: ("唐山", 3)})
    return book


def demolition():
    """Agreements merged down the people of a household, firms among the holders, new homes in other districts, a day in
    the future, a year of two digits."""
    book, sheet = _book()
    _fill(
        sheet,
        {
            1: ("北外滩某地块(虚构)征收居民去向表",),
            2: ("协议编号", "被征收人", "身份证号", "被征收房屋地址", "安置地址", "在册户口数", "搬离日期", "联系电话"),
            3: (
                "Z-001",
                "孙一",
                number("19500101", 11),
                "杨树浦路112弄1号",
                "浦东某路1弄2号",
                4,
                "2019.3.5",
                "12511190001",
            ),
            4: (None, "孙小", None, "杨树浦路112弄1号后楼", None, None, None, "12511190002"),
            5: ("Z-002", "某某商行（虚构）", None, "杨树浦路112弄2号", "货币补偿", 0, "18年7月", None),
            6: ("Z-003", "钱三", number("19660606", 33), None, "宝山某路3号", "2户5人", "20210101", "无"),
            7: ("Z-003", "钱三", number("19660606", 33), None, "宝山某路3号", "2户5人", "20210101", "无"),
            8: ("总计", "3证", None, None, None, 9, None, None),
        },
    )
    sheet.merge_cells("A1:H1"), sheet.merge_cells("A3:A4"), sheet.merge_cells("E3:E4")
    return book


FILES = {
    "deaths/serials_hidden.xlsx": deaths,
    "grid/stairs.xlsx": grid,
    "electricity/months_as_dates.xlsx": electricity,
    "employer/ticks.xlsx": employer,
    "police_households/subtotals.xlsx": police_households,
    "demolition/merged_agreements.xlsx": demolition,
}

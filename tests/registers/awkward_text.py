"""Lists of text as offices send them, one or more a register, about invented people; written by `make_samples`."""

from tests.registers.numbers import number, wrong


def births() -> bytes:
    """Excel's "Unicode text": UTF-16 with a mark, tabs, infants without a name of their own, full-width digits, a date
    of the lunar calendar, a line broken inside quotes, a number with a letter for a digit, a certificate twice."""
    lines = [
        "2020年出生医学证明签发登记",  # 1
        "出生医学证明编号\t新生儿姓名\t性别\t出生日期\t母亲姓名\t母亲身份证号\t母亲现住址\t居委",  # 2
        f"T310000101\t沈乐\t男\t2020-01-15\t沈青\t{number('19910203', 24)}\t唐山路10号201室\t唐山居委会",  # 3
        f"T310000102\t王芳之子\t１\t２０２０年２月３日\t王　芳\t{number('19880808', 62)}\t唐山路１０号２０２室\t唐山",  # 4
        f"T310000103\t李敏之女\t女\t农历二〇二〇年正月初三\t李敏\t{number('19900101', 48).lower()}\t唐山路11号\t唐山居委会",  # 5
        "T310000104\t\t女\t20200401\tNGUYEN THI LAN\tC1234567\t东大名路117弄5号\t久耕居委会",  # 6
        f'T310000105\t赵一\t男\t2020/5/6 10:30\t赵玉\t{wrong(number("19930303", 66))}\t"唐山路\n12号"\t唐山居委会',  # 7, 8
        f"T310000106\t\t\t20200231\t钱红\t{number('19850505', 84)}\t\t无此居委",  # 9
        "\t\t\t\t\t\t\t",  # 10
        f"T310000101\t沈乐\t男\t2020-01-15\t沈青\t{number('19910203', 24)}\t唐山路10号201室\t唐山居委会",  # 11
        f"\t孙六之子\t男\t20201301\t孙六\t{number('19870707', 28)}\t唐山路13号\t唐山居委会",  # 12
        f"T310000108\t周天\t男\t2021-01-01\t周云\t{number('19920909', 68)}\t唐山路14号\t唐山居委会",  # 13
        "合计\t9\t\t\t\t\t\t",  # 14
        "填表人:王小明(虚构)\t\t\t\t\t\t\t",  # 15
    ]
    return "\r\n".join(lines).encode("utf-16") + "\r\n".encode("utf-16-le")


def deaths() -> bytes:
    """UTF-16 big-endian without a mark, semicolons, dates in Chinese numerals and of the old calendar, a day after the
    delivery, somebody without a number, one address left out and taken from the hukou; the cause is never kept."""
    head = "序号;死者姓名;性别;出生日期;死者身份证号;死亡日期;死亡地点;死因;生前常住地址;户籍地址;家属姓名;家属电话"
    lines = [
        head,  # 1
        f"1;陈长寿;男;19300102;{number('19300102', 11)};2020年3月5日;医院;不应保留;唐山路1号;唐山路1号;陈小;12511110001",  # 2
        f"2;张王氏;女;一九二八年十月初八;{number('19281119', 22)};二〇二〇年四月初三;家中;不应保留;;唐山路2号;张二;",  # 3
        f"3;吴 老;男;1940-05-05;{number('19400505', 33)};2020.6.7;家中;不应保留;唐山路3号;外地;;1251111",  # 4
        "4;无名氏;男;;;20200708;路边;不应保留;;;;",  # 5
        f"5;郑九;女;19350606;{number('19350606', 46)};20211231;医院;不应保留;唐山路4号;;郑十;125****0005",  # 6
        f"6;冯春;女;19500101;{number('19500101', 68)};;医院;不应保留;唐山路5号;;;",  # 7
        f"7;褚秋;男;19330303;{number('19330303', 57)};农历2020年闰四月十五;医院;不应保留;唐山路6号;;褚冬;021-65000000",  # 8
        f"8;卫山;男;19440404;{number('19440404', 59)};5月1日;医院;不应保留;唐山路7号;;;",  # 9
        head,  # 10
        f"9;蒋水;女;19450505;{number('19450505', 64)};44000;医院;不应保留;唐山路8号;;;",  # 11
        "合计;;;;9人;;;;;;;",  # 12
    ]
    return "\n".join(lines).encode("utf-16-be") + "\n".encode("utf-16-be")


def electricity_wide() -> bytes:
    """GBK, a year over its months, units in the cells, thousands, corrections, estimates, no readings, a meter of two
    homes, two meters of one home, totals of committees, an account that a spreadsheet rounded."""
    lines = [
        "北外滩街道居民用电情况,,,,,,,",  # 1
        "户号,户名,用电地址,2020年,,,,备注",  # 2
        ",,,5月,6月,7月,8月,",  # 3
        "0310100001,黄华,唐山路1号前楼,35度,40度,0,12.5,",  # 4
        '0310100002,范根,唐山路1号后楼,"1,024 kWh",-24,１２０,估30,',  # 5
        "0310100002,范根,唐山路1号亭子间,—,/,无,,共用",  # 6
        "0310100003,上海某某（虚构）有限公司第21分部,唐山路2号,10,20,30,40,",  # 7
        "0310100004,,唐山路3号201室,5,5,5,5,",  # 8
        "0310100005,李文,唐山路3号201室,7,7,7,七度,第二只表",  # 9
        "唐山小计,,,2000,,,,",  # 10
        "3.1010000006E+11,王五,唐山路4号,1,2,3,4,",  # 11
        ",无号,唐山路5号,12,12,12,12,",  # 12
        "0310100008,赵六,,1,1,1,1,",  # 13
        "0310100001,黄华,唐山路1号前楼,35度,40度,0,12.5,",  # 14
        "0310100009,孙七,唐山路6号,1200000,3*估抄,4(估),#N/A,",  # 15
        "合计,,,5000,5000,5000,5000,",  # 16
    ]
    return "\r\n".join(lines).encode("gbk") + b"\r\n"


def electricity_long() -> bytes:
    """UTF-8 with a mark, a line for each meter and month, sorted by month; a month twice with another reading, a month
    that is none, an account typed with an apostrophe, a meter without an account."""
    rows = [
        ("年月", "用户编号", "电能表号", "客户名称", "用电地址", "用电类别", "当月用电量(千瓦时)"),  # 1
        ("202008", "0001001", "M01", "黄华", "唐山路1号", "居民生活", "10"),  # 2
        ("2020年8月", "0001002", "M02", "范根", "唐山路2号", "居民生活", "1,5"),  # 3
        ("2020-08", "'0001003", "M03", "李文", "唐山路3号", "商业", "300.5度"),  # 4
        ("2020/9", "0001001", "M01", "黄华", "唐山路1号", "居民生活", "12"),  # 5
        ("2020.09", "0001002", "M02", "范根", "唐山路2号", "居民生活", "8kWh"),  # 6
        ("九月", "0001003", "M03", "李文", "唐山路3号", "商业", "280"),  # 7
        ("202009", "0001001", "M01", "黄华", "唐山路1号", "居民生活", "13"),  # 8
        ("202009", "", "M04", "赵六", "唐山路4号", "居民生活", "0"),  # 9
        ("202010", "0001001", "M01", "黄华", "唐山路1号", "居民生活", "估14"),  # 10
        ("202010", "", "", "", "", "", "99"),  # 11
        ("202010", "", "M04", "赵六", "唐山路 4号", "居民生活", "-"),  # 12
        ("202010", "0001001", "M09", "黄华", "唐山路1号", "居民生活", "2"),  # 13
        ("合计", "", "", "", "", "", "999"),  # 14
    ]
    lines = [",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows]
    return ("\n".join(lines) + "\n").encode("utf-8-sig")


def epidemic() -> bytes:
    """From an old computer: GBK, lines ended by CR alone, bars as delimiters, padded with spaces; people without a
    number, masked telephones, foreign names; anybody's temperature is never kept."""
    lines = [
        "姓名  |性别|身份证号码        |现住址          |户籍地        |联系电话   |排查日期  |从何地来|体温|备注",  # 1
        f"钱一  |男  |{number('19900101', 15)}|唐山路1号101室  |外省          |12511110001|2020-02-10|外省|36.5|",  # 2
        "孙　二|女  |                  |唐山路1号102室  |本市          |125****0002|2020.2.11 |本市|36.6|",  # 3
        "JOHN SMITH|男|E12345678        |唐山路2号       |              |12511110003|20200212  |境外|36.7|护照",  # 4
        f"李三  |2   |{number('19850505', 28)}|                |外省          |1251111    |2020年2月30日|外省|36.8|",  # 5
        "      |    |                  |唐山路3号       |              |           |2020-02-13|    |    |无人在家",  # 6
        f"周四  |女  |{number('19850505', 28)}|唐山路4号       |外省          |12511110006|43875     |外省|37.0|",  # 7
        "第 1 页,共 1 页|||||||||",  # 8
    ]
    return "\r".join(lines).encode("gbk") + b"\r"


def education() -> bytes:
    """UTF-8 without a mark, full-width commas for delimiters, the header printed again on each page, page numbers,
    children under two schools, a minority name with another dot, a parent's number in the child's place."""
    head = (
        "学籍号，学生姓名，性别，出生日期，身份证件号，学校，年级，班级，家庭住址，是否住校，监护人姓名，监护人联系电话"
    )
    lines = [
        "某某小学（虚构）学生名册",  # 1
        head,  # 2
        f"G001，沈一，男，20100101，{number('20100101', 17)}，某某小学，四年级，1班，唐山路1号，否，沈父，12511110011",  # 3
        f"G002，阿依•古丽，女，2010-02-02，{number('20100202', 28)}，某某小学，四年级，1班，唐山路2号，否，买买提，12511110012",  # 4
        f"G003，李二，女，二〇一〇年三月三日，{number('20100304', 28)}，某某小学，四年级，2班，，否，李母，",  # 5
        "第1页，共2页，，，，，，，，，，",  # 6
        head,  # 7
        f"G004，赵三，男，20100404，{number('19800404', 31)}，某某小学，四年级，2班，唐山路4号，是，赵母，12511110014",  # 8
        f"G001，沈一，男，20100101，{number('20100101', 17)}，另一小学，四年级，3班，唐山路1号，否，沈父，12511110011",  # 9
        "G005，王五，男，2010年，，某某小学，四年级，3班，唐山路5号，否，，",  # 10
        "制表人：某某",  # 11
    ]
    return ("\n".join(lines) + "\n").encode()


def by_spaces() -> bytes:
    """A printout: columns set apart by spaces alone, some of them empty."""
    return f"""                 户籍人口打印件
户号      姓名      性别  公民身份号码            住址
0001      杜一      男    {number("19500101", 11)}      唐山路1号
0002      龚二            {number("19600202", 22)}      唐山路2号
""".encode("gbk")


FILES = {
    "police/by_spaces.csv": by_spaces,
    "births/unicode_text.tsv": births,
    "deaths/numerals_utf16be.csv": deaths,
    "electricity/wide_gbk.csv": electricity_wide,
    "electricity/long_utf8.csv": electricity_long,
    "epidemic/bars_cr_gbk.csv": epidemic,
    "education/full_width_commas.csv": education,
}

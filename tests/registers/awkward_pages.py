"""Web pages and XML spreadsheets named .xls, as systems export them, about invented people; written by
`make_samples`."""

import base64

from tests.registers.numbers import number

n = number


def police() -> bytes:
    """GBK that says it is UTF-8; a title row, spans over header and households, entities, non-breaking spaces, a break
    in a cell, a total, cells without their end tags, styles and a script."""
    return f"""<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>
<meta http-equiv=Content-Type content="text/html; charset=utf-8"><style>td{{mso-number-format:"\\@"}}</style>
<script>document.write("<table><tr><td>姓名<td>公民身份号码</table>")</script></head><body><!-- <tr><td>不是行 -->
<TABLE border=1><TR><TD colspan=6>户籍人口（虚构）</TD></TR>
<tr><th rowspan=2>户号<th colspan=3>人员<th rowspan=2>住&nbsp;址<th rowspan=2>备注</tr>
<tr><th>姓&nbsp;&nbsp;名<th>性别<th>公民身份<br>号码</tr>
<tr><td rowspan=2>0001<td>&#26460;一<td>男<td>{n("19500101", 11)}<td rowspan=2>唐山路1号<br>后楼<td>&lt;b&gt;</tr>
<tr><td>龚&nbsp;二<td>女<td x:num="3.1019919510202E17">3.10199E+17<td></tr>
<tr style="display:none"><td>0002<td>沈三<td>女<td><font color=red>{n("19600303", 34)}</font><td>唐山路<b>3</b>号<td></tr>
<tr><td>小计<td>3人<td><td><td><td></tr>
<tr><td>0003<td>=1+1<td>男<td>{n("19700404", 43)}<td><td></tr>
</TABLE></body></html>""".encode("gbk")


def electricity() -> bytes:
    """UTF-8 with a mark; a page laid out by a table around the tables, one for each committee, in captions."""
    rows = "".join(
        f"<tr><td>000{i}</td><td>户{i}</td><td>唐山路{i}号</td><td>{i}0度</td><td>1,{i}00</td></tr>"
        for i in range(1, 4)
    )
    head = "<tr><th>用户编号</th><th>用户名称</th><th>用电地址</th><th>2020年8月</th><th>2020年9月</th></tr>"
    return f"""<!DOCTYPE html><html><body><table><tr><td>导航<td>
<table><caption>唐山居委会</caption><thead>{head}</thead><tbody>{rows}</tbody><tfoot><tr><td>合计<td><td><td>60度<td>3,600</tfoot></table>
<table><caption>久耕居委会</caption>{head}<tr><td>0009<td>户9<td>东大名路9号<td>估5<td>-</table>
<table><caption>图例</caption><tr><td>估<td>估抄</table>
</table></body></html>""".encode("utf-8-sig")


def employer() -> bytes:
    """UTF-16; spans that ask for millions of rows and columns, a row without cells, a short row."""
    return f"""<html><body><table>
<tr><td colspan=99999999>员工名册(虚构)</td></tr>
<tr><td>工号</td><td>姓名</td><td>性别</td><td>证件号码</td><td>户口是否在司</td><td>实际居住地</td></tr>
<tr><td>B1</td><td>韦一</td><td>女</td><td>{n("19900101", 22)}</td><td rowspan=99999999>是</td><td>外区</td></tr>
<tr></tr>
<tr><td>B2</td><td>林二</td><td>男</td><td>{n("19910202", 31)}</td><td>本区</td></tr>
<tr><td>B3</td><td>彭三</td></tr>
</table></body></html>""".encode("utf-16")


def demolition() -> bytes:
    """A fragment that begins with its table; CSS classes, an image in a cell, a hidden note, lost characters."""
    body = f"""<table class=list><tr><td>被征收人<td>身份证号<td>被征收房屋地址<td>安置地址<td>搬离日期
<tr><td><img src=x onerror=alert(1)>孙一<td>{n("19500101", 11)}<td>杨树浦路112弄1号<td>浦东<td>2019-03-05
<tr><td>钱XX<td>&nbsp;<td>杨树浦路112弄2号<td><a href="http://example.invalid/">宝山</a><td>2019年3月32日
<tr><td>&#x20BB7;田<td>{n("19600303", 33)}<td>杨树浦路112弄3号<td><td>
</table>"""
    return body.encode("gb18030").replace(b"XX", b"\xff\xff")


def grid() -> bytes:
    """An XML spreadsheet of 2003: rows and cells with an index, merged cells, numbers, dates, formulas, errors, a hidden
    row and a hidden sheet."""

    def cell(value: str, kind: str = "String", extra: str = "") -> str:
        return f'<Cell{extra}><Data ss:Type="{kind}">{value}</Data></Cell>'

    def row(cells: str, extra: str = "") -> str:
        return f"<Row{extra}>{cells}</Row>"

    rows = [
        row("".join(map(cell, ("楼栋", "室号", "地址", "居住情况", "姓名", "居住人数", "走访日期"))), ' ss:Index="2"'),
        row(
            cell("3号", extra=' ss:MergeDown="1"')
            + cell("101", "Number")
            + cell("唐山路3号101室")
            + cell("自住")
            + cell("林&lt;一")
            + cell("3", "Number")
            + cell("2020-09-01T00:00:00.000", "DateTime")
        ),
        row(
            cell("102", "Number", ' ss:Index="2"')
            + cell("唐山路3号102室")
            + cell("出租")
            + cell("赵二")
            + cell("6", "Number", ' ss:Formula="=SUM(R[-1]C)"')
            + cell("#N/A", "Error"),
            ' ss:Hidden="1"',
        ),
        row(cell("合计", extra=' ss:Index="1"') + cell("9", "Number", ' ss:Index="6"'), ' ss:Index="6"'),
    ]
    hidden = '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible></WorksheetOptions>'
    return f"""<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?>
<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="1号网格"><Table>{"".join(rows)}</Table></Worksheet>
<Worksheet ss:Name="旧"><Table>{row(cell("地址"))}</Table>{hidden}</Worksheet></Workbook>""".encode()


def births() -> bytes:
    """One table a month under its caption, upper-case tags, a column by itself, mothers in two lines of a cell."""
    table = """<TABLE><CAPTION>{month}月</CAPTION><TR><TH>新生儿姓名<TH>性别<TH>出生日期<TH>母亲姓名<TH>母亲身份证号<TH>现住址</TR>
<TR><TD>{child}<TD>{sex}<TD>{day}<TD>{mother}<TD>{of_mother}<TD>唐山路<BR>{month}号</TR></TABLE>"""
    pages = [
        table.format(month=1, child="沈一", sex="男", day="2020-01-05", mother="沈母", of_mother=n("19900101", 22)),
        table.format(month=2, child="", sex="Ｆ", day="2020.2.1", mother="李　母", of_mother="'" + n("19910202", 24)),
    ]
    return ("<html><body>" + "<hr>".join(pages) + "</body></html>").encode("gb18030")


def cremations() -> bytes:
    """UTF-8; a foot before its body, the header again on each page, zero-width signs inside numbers, row headings as
    header cells, full-width dates, a comment and a form between the cells."""
    head = "<tr><th rowspan=2>火化号<th colspan=3>逝者<th colspan=2>时间</tr><tr><th>姓名<th>性别<th>身份证号<th>死亡时间<th>火化时间</tr>"
    split = n("19300102", 11)
    return f"""<html><body><form><input value="姓名"><table>
<tfoot><tr><td>合计<td colspan=5>3人</tr></tfoot>
<thead>{head}</thead><tbody>
<tr><th>H1<td>陈一<td>男<td>{split[:6]}&#8203;{split[6:]}<td>２０２０－０３－０５<!-- 5日 --><td>2020-03-08
{head}
<tr><th>H2<td><span>张</span><span>二</span><td>女<td>{n("19280405", 22)}<td>2020年<br>4月1日<td>20200403
<tr><th>H2<td>李三<td>男<td><s></s><td>2020-04-05<td>2020-04-07
</tbody></table></form></body></html>""".encode()


def epidemic() -> bytes:
    """A workbook saved as one file of pages: a frame without a table, a sheet in GBK as base64, one as quoted text."""
    first = f"""<html><table><tr><td>姓名<td>性别<td>身份证号<td>现住址<td>联系电话<td>排查日期
<tr><td>钱一<td>男<td>{n("19900101", 15)}<td>唐山路1号<td>12511110001<td>2020-02-10</table></html>""".encode("gbk")
    second = f"""<table><tr><td>现住址<td>姓名<td>联系电话<td>身份证号
<tr style=3D'display:none'><td>=E5=94=90=E5=B1=B1=E8=B7=AF2=E5=8F=B7<td>=E5=AD=99=E4=BA=8C<td><td>{n("19850505", 28)}
</table>""".replace("姓名", "=E5=A7=93=E5=90=8D").replace("现住址", "=E7=8E=B0=E4=BD=8F=E5=9D=80")
    second = second.replace("联系电话", "=E8=81=94=E7=B3=BB=E7=94=B5=E8=AF=9D").replace(
        "身份证号", "=E8=BA=AB=E4=BB=BD=E8=AF=81=E5=8F=B7"
    )
    lines = [
        "MIME-Version: 1.0",
        "X-Document-Type: Workbook",
        'Content-Type: multipart/related; boundary="----=_Next"',
        "",
        "------=_Next",
        "Content-Location: file:///C:/A/list.htm",
        "Content-Type: text/html",
        "",
        "<html><frameset><frame src=3Dsheet001.htm></frameset></html>",
        "------=_Next",
        "Content-Location: file:///C:/A/list.files/sheet001.htm",
        "Content-Transfer-Encoding: base64",
        'Content-Type: text/html; charset="gb2312"',
        "",
        base64.encodebytes(first).decode(),
        "------=_Next",
        "Content-Location: file:///C:/A/list.files/sheet002.htm",
        "Content-Transfer-Encoding: quoted-printable",
        'Content-Type: text/html; charset="utf-8"',
        "",
        second,
        "------=_Next--",
    ]
    return "\r\n".join(lines).encode()


def login() -> bytes:
    return "<html><head><meta charset=gbk><title>请登录</title></head><body><p>会话已过期</p></body></html>".encode(
        "gbk"
    )


FILES = {
    "police/says_utf8.xls": police,
    "electricity/by_committee.xls": electricity,
    "employer/spans.xls": employer,
    "demolition/fragment.xls": demolition,
    "grid/xml_2003.xls": grid,
    "births/by_month.htm": births,
    "cremations/again.xls": cremations,
    "epidemic/one_file_of_pages.xls": epidemic,
    "police/login.xls": login,
}

"""Grid and property lists (网格、物业): what grid staff or the property company know of each dwelling. Partial, and
true on the day of their walk at most."""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="grid",
    also=("property", "grid_property"),
    title=_("Grid and property lists (网格、物业)"),
    provider=_("grid centre or property company"),
    unit="dwelling",
    known_by=("address", "room", "name"),
    twin=("address", "building", "room", "name", "use", "happened_on"),
    same=("address", "name"),
    needs=(("address", "room"), ("use", "persons", "name")),
    once=(),
    listed=("address", "use", "name", "persons", "phone", "happened_on"),
    columns=(
        columns.SERIAL,
        Column("网格", "grid", also=("所属网格", "网格名称", "网格编号", "网格号"), merged=True),
        Column("小区", "estate", also=("小区名称", "楼盘", "楼盘名称", "物业小区"), merged=True),
        Column("楼栋", "building", also=("楼号", "幢号", "栋号", "楼栋号", "门牌", "门牌号", "幢"), merged=True),
        Column("室号", "room", also=("房号", "房间号", "门室号", "室", "房屋编号", "户室")),
        columns.ADDRESS.called("地址", "住址", "房屋地址", "详细地址", "房屋坐落", "坐落", "居住地址", "现住址").but(
            expected=True, merged=False, parts=("estate", "building", "room")
        ),
        Column(
            "居住情况",
            "use",
            also=("居住状态", "居住状况", "使用情况", "房屋状态", "房屋用途", "入住情况", "房屋使用情况", "居住性质"),
            longest=20,
        ),
        Column(
            "登记姓名",
            "name",
            kind="holder",
            also=("姓名", "户主", "业主姓名", "业主", "住户姓名", "住户", "居住人", "承租人", "户主姓名", "租客姓名"),
            personal=True,
        ),
        Column(
            "居住人数",
            "persons",
            kind="count",
            also=("人数", "常住人数", "实有人数", "居住人口", "人口数", "实住人数", "现住人数"),
        ),
        columns.PHONE,
        Column(
            "走访日期",
            "happened_on",
            kind="date",
            also=("走访时间", "登记日期", "排摸日期", "排查日期", "采集日期", "更新日期", "入户日期"),
        ),
        columns.COMMITTEE,
        Column("走访人", "visitor", kind="unkept", also=("网格员", "走访人员", "采集人", "登记人")),
        columns.REMARK,
    ),
)

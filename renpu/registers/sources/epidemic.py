"""Epidemic listing (疫情排查): who was found in which home in the first months of the year. Partial and unverified;
what it says of anybody's health is not kept."""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="epidemic",
    title=_("Epidemic listing (疫情排查)"),
    provider=_("epidemic office"),
    unit="person",
    twin=("name", "id", "phone", "address"),
    same=("name", "phone", "address"),
    listed=("name", "sex", "birth", "id", "address", "phone", "happened_on"),
    columns=(
        columns.SERIAL,
        columns.NAME.called("姓名", "人员姓名", "被排查人姓名", "居民姓名"),
        columns.SEX.but(filled=False, expected=True),
        columns.BIRTH.but(filled=False),
        Column("年龄", "age"),
        columns.ID.but(required=False, filled=False, expected=True),
        columns.LIVING_ADDRESS.called(
            "现住址",
            "现居住地址",
            "现住地址",
            "居住地址",
            "居住地",
            "实际居住地",
            "详细住址",
            "在沪住址",
            "住址",
            "地址",
            "家庭住址",
        ).but(required=True, filled=True),
        columns.HUKOU_ADDRESS,
        columns.COMMITTEE,
        columns.PHONE,
        Column("户内人数", "persons", kind="count", also=("同住人数", "家庭人数", "共同居住人数", "同住人员数")),
        Column(
            "排查日期",
            "happened_on",
            kind="date",
            also=("登记日期", "排摸日期", "返沪日期", "抵沪日期", "到沪日期", "来沪日期", "返回日期", "填报日期"),
            expected=True,
        ),
        Column("来自何地", "came_from", also=("从何地来", "出发地", "来自地", "返沪出发地", "何处返沪", "来源地")),
        Column("居住情况", "use", also=("居住性质", "人员类别", "人员类型", "住房性质"), longest=20),
        Column(
            "体温",
            "temperature",
            kind="unkept",
            also=("今日体温", "体温℃", "健康状况", "身体状况", "健康码", "有无症状"),
        ),
        Column("隔离情况", "isolation", kind="unkept", also=("是否隔离", "隔离方式", "隔离状态", "隔离起止日期")),
        columns.WORKPLACE,
        columns.REMARK,
    ),
)

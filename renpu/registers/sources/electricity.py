"""Electricity accounts (用电信息): a dwelling that used power was probably lived in. A hint and never proof: meters are
shared, and some empty homes use power (census workflow 3.3).

One line a meter with a column for each month, or one line a meter and month. A meter may serve several dwellings, and a
dwelling may have several meters.
"""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="electricity",
    also=("power",),
    title=_("Electricity accounts (用电信息)"),
    provider=_("power company"),
    unit="meter",
    known_by=("household_no", "meter", "address"),
    twin=("household_no", "meter", "name", "address"),
    same=("household_no", "meter", "address"),
    needs=(("household_no", "meter"),),
    readings=True,
    once=(),
    listed=("household_no", "name", "address", "use", "kwh"),
    columns=(
        columns.SERIAL,
        Column(
            "户号",
            "household_no",
            kind="key",
            also=(
                "用电户号",
                "用户编号",
                "客户编号",
                "用户号",
                "用户户号",
                "客户户号",
                "电费户号",
                "用电客户编号",
                "户号电表号",
                "缴费户号",
            ),
            filled=True,
            parts=("meter",),
            longest=40,
        ),
        Column(
            "电表号",
            "meter",
            kind="key",
            also=("表号", "电表编号", "电能表号", "表计编号", "计量点编号", "资产编号", "电表资产编号", "电表表号"),
            longest=40,
        ),
        Column(
            "户名",
            "name",
            kind="holder",
            also=("用户名称", "客户名称", "用电户名", "用户名", "户主", "姓名", "用户姓名", "客户姓名"),
            personal=True,
        ),
        columns.ADDRESS.called(
            "用电地址", "装表地址", "用户地址", "客户地址", "安装地址", "用电地点", "地址", "住址"
        ).but(required=True, filled=True),
        Column("用电类别", "use", also=("用电性质", "电价类别", "用户类别", "行业类别", "用电类型"), longest=20),
        Column(
            "年月", "month", kind="month", also=("月份", "用电年月", "电费年月", "用电月份", "账期", "帐期", "统计月份")
        ),
        Column(
            "用电量",
            "kwh",
            kind="kwh",
            also=("电量", "当月用电量", "本月用电量", "月用电量", "用电度数", "度数", "总电量", "抄见电量", "结算电量"),
        ),
        columns.COMMITTEE,
        columns.PHONE,
        columns.REMARK,
    ),
)

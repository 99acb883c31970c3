"""Police register of households (公安户籍户): one line a household, with its head and its number of persons."""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="police_households",
    title=_("Police register of households (公安户籍户)"),
    provider=_("police station"),
    unit="household",
    known_by=("household_no", "name"),
    twin=("household_no", "name", "id", "address"),
    same=("household_no", "committee"),
    once=("household_no",),
    listed=("household_no", "name", "id", "persons", "address", "happened_on"),
    columns=(
        columns.SERIAL,
        columns.HOUSEHOLD_NO.but(required=True, merged=False),
        columns.HOUSEHOLD_KIND.but(merged=False),
        columns.NAME.called("户主姓名", "户主", "姓名"),
        columns.ID.called(
            "户主身份证号", "户主公民身份号码", "户主身份证号码", "户主证件号码", "公民身份号码", "身份证号"
        ).but(required=False, filled=False),
        columns.ADDRESS,
        columns.COMMITTEE,
        Column(
            "户内人口数",
            "persons",
            kind="count",
            also=("人口数", "户内人数", "人数", "在册人数", "户籍人口数", "家庭人口", "总人数", "户籍人数"),
            expected=True,
        ),
        columns.PHONE.called("户主电话", "联系电话", "电话", "手机"),
        Column("立户日期", "happened_on", kind="date", also=("立户时间", "建户日期")),
        columns.REMARK,
    ),
)

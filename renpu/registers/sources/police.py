"""Police register of persons (公安户籍人口): who has their hukou where, household by household."""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="police",
    also=("hukou",),
    title=_("Police register of persons (公安户籍人口)"),
    provider=_("police station"),
    unit="person",
    columns=(
        columns.SERIAL,
        columns.HOUSEHOLD_NO,
        columns.HOUSEHOLD_KIND,
        columns.RELATION,
        columns.NAME,
        columns.SEX,
        columns.ETHNIC,
        columns.BIRTH,
        columns.ID,
        columns.ADDRESS,
        columns.COMMITTEE,
        columns.WORKPLACE,
        columns.EDUCATION,
        columns.PHONE,
        Column("迁入日期", "moved_in", also=("迁入时间", "迁来日期", "何时迁来")),
        columns.REMARK,
    ),
)

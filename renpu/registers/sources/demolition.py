"""Demolition office (征收、动迁): who left which old address for which new one, from emptied quarters."""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="demolition",
    also=("relocation",),
    title=_("Households moved by the demolition office (征收动迁)"),
    provider=_("demolition office"),
    unit="household",
    known_by=("name", "id", "address"),
    twin=("household_no", "name", "id", "address", "new_address"),
    same=("household_no", "name", "address"),
    needs=(("new_address", "happened_on", "phone"),),
    listed=("name", "address", "new_address", "persons", "happened_on"),
    columns=(
        columns.SERIAL,
        columns.HOUSEHOLD_NO.called("协议编号", "协议号", "档案编号", "户编号", "征收编号", "户号").but(
            filled=False, merged=True
        ),
        columns.NAME.called(
            "被征收人",
            "权利人",
            "承租人",
            "被动迁人",
            "被拆迁人",
            "户主",
            "户主姓名",
            "姓名",
            "产权人",
            "被征收人姓名",
            "权利人姓名",
        ).but(kind="holder"),
        columns.ID.called(
            "身份证号", "身份证号码", "公民身份号码", "证件号码", "被征收人身份证号", "权利人身份证号"
        ).but(required=False, filled=False),
        columns.ADDRESS.called(
            "被征收房屋地址",
            "原地址",
            "原住址",
            "旧址",
            "房屋坐落",
            "坐落",
            "房屋地址",
            "征收地址",
            "动迁地址",
            "被拆迁房屋地址",
            "地址",
        ).but(required=True, filled=True),
        Column(
            "安置地址",
            "new_address",
            also=("新址", "现住址", "新住址", "迁往地址", "安置房地址", "去向", "搬往地址", "现居住地址", "搬迁去向"),
            merged=True,
        ),
        Column(
            "在册户口数",
            "persons",
            kind="count",
            also=("户籍人数", "人口数", "在册人口", "安置人数", "户口人数", "人数"),
        ),
        Column(
            "搬离日期",
            "happened_on",
            kind="date",
            also=("搬迁日期", "搬离时间", "腾退日期", "交房日期", "移交日期", "搬家日期"),
        ),
        Column("签约日期", "signed_on", kind="date", also=("签约时间", "协议日期")),
        Column("安置方式", "settled_by", also=("补偿方式", "安置类型"), longest=40),
        columns.COMMITTEE,
        columns.PHONE,
        columns.REMARK,
    ),
)

"""Deaths by the civil affairs office (民政火化): who was cremated when. The place of cremation says nothing of where
the person lived."""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="cremations",
    also=("civil_deaths",),
    title=_("Cremations of the civil affairs office (民政火化)"),
    provider=_("civil affairs office"),
    unit="death",
    twin=("certificate", "name", "id", "happened_on"),
    same=("name", "birth", "happened_on"),
    once=("id", "certificate"),
    listed=("name", "sex", "birth", "id", "happened_on", "address"),
    columns=(
        columns.SERIAL,
        Column("火化证编号", "certificate", kind="key", also=("火化编号", "火化证号", "火化号"), longest=40),
        columns.NAME.called("逝者姓名", "死者姓名", "亡者姓名", "火化人姓名", "姓名"),
        columns.SEX,
        columns.BIRTH,
        Column("年龄", "age", also=("享年", "终年")),
        columns.ID.called(
            "逝者身份证号",
            "逝者身份证号码",
            "死者身份证号",
            "死者身份证号码",
            "公民身份号码",
            "身份证号码",
            "身份证号",
            "证件号码",
            "身份证",
        ),
        Column(
            "死亡日期",
            "happened_on",
            kind="date",
            also=("死亡时间", "去世日期", "去世时间", "逝世日期", "逝世时间"),
            expected=True,
            filled=True,
        ),
        Column("火化日期", "cremated_on", kind="date", also=("火化时间", "火化年月日"), required=True),
        columns.LIVING_ADDRESS.called("生前住址", "生前常住地址", "住址", "家庭住址", "地址", "现住址").but(
            merged=False, parts=("hukou_address",)
        ),
        columns.HUKOU_ADDRESS,
        columns.COMMITTEE.but(merged=False),
        Column(
            "家属姓名",
            "kin_name",
            kind="name",
            also=("承办人", "承办人姓名", "经办家属", "丧事承办人", "家属", "联系人", "申请人"),
            personal=True,
        ),
        columns.RELATION.called("与逝者关系", "与死者关系", "与亡者关系", "承办人与逝者关系"),
        columns.PHONE.called("家属电话", "承办人电话", "联系电话", "电话", "手机", "家属联系电话"),
        columns.REMARK,
    ),
)

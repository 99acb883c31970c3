"""An employer's collective hukou and dormitories (单位集体户口): whose hukou it keeps, and where they say they live.

Most of them live elsewhere; each is reached through the unit's contact (census workflow 3.11).
"""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

_KEPT_HERE = {stated: "集体户口" if means == "是" else "" for stated, means in columns.YES_NO.items()}

SOURCE = RegisterSource(
    name="employer",
    also=("employer_collective", "collective"),
    title=_("Collective hukou and dormitories of an employer (单位集体户口)"),
    provider=_("employer"),
    unit="person",
    twin=("staff_no", "name", "id"),
    same=("staff_no", "name"),
    needs=(("household_kind", "dormitory", "lives_at", "dormitory_room"),),
    once=("id", "staff_no"),
    listed=("name", "sex", "birth", "id", "household_kind", "dormitory", "lives_at"),
    columns=(
        columns.SERIAL,
        Column("工号", "staff_no", also=("员工编号", "员工号", "职工号", "人员编号", "职工编号"), longest=40),
        columns.NAME.called("姓名", "员工姓名", "职工姓名", "人员姓名"),
        columns.SEX,
        columns.ETHNIC,
        columns.BIRTH.but(filled=False),
        columns.ID,
        Column("部门", "department", also=("所在部门", "科室", "所属部门")),
        Column(
            "户口是否在司",
            "household_kind",
            merged=True,
            also=(
                "是否集体户口",
                "集体户口",
                "户口是否在单位",
                "户口在司",
                "是否集体户",
                "户口性质",
                "户口是否在本单位",
            ),
            words={
                **_KEPT_HERE,
                **dict.fromkeys(("集体户口", "集体户", "集体", "单位集体户", "单位集体户口"), "集体户口"),
                **dict.fromkeys(("家庭户", "家庭户口", "非集体户"), ""),
            },
        ),
        Column("户口地址", "address", also=("集体户地址", "集体户口地址", "户籍地址", "户口所在地"), merged=True),
        Column(
            "是否住宿舍",
            "dormitory",
            also=("住宿舍", "宿舍", "是否住集体宿舍", "是否住宿", "住宿"),
            words=columns.YES_NO,
        ),
        Column("宿舍房号", "dormitory_room", also=("宿舍号", "宿舍房间", "房间号", "宿舍地址"), merged=True),
        Column(
            "实际居住地",
            "lives_at",
            also=("实际居住地址", "现居住地", "现居住地址", "现住址", "居住地址", "家庭住址", "住址", "实际居住地自填"),
        ),
        Column("入职日期", "since", also=("入职时间", "进司日期", "入司日期", "落户日期", "迁入日期")),
        columns.COMMITTEE,
        columns.PHONE,
        columns.REMARK,
    ),
)

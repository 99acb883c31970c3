"""Police register of persons (公安户籍人口): who has their hukou where, household by household."""

from django.utils.translation import gettext_lazy as _

from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="police",
    also=("hukou",),
    title=_("Police register of persons (公安户籍人口)"),
    provider=_("police station"),
    unit="person",
    columns=(
        Column("序号", "serial", also=("编号", "序", "行号")),
        Column(
            "户号",
            "household_no",
            also=("户口簿号", "户口号", "户编号", "家庭户号", "户籍号"),
            household=True,
            longest=40,
        ),
        Column("户别", "household_kind", also=("户类型", "户口类别", "户类别", "户的类别"), household=True, longest=20),
        Column(
            "与户主关系",
            "relation",
            also=("与户主的关系", "户主关系", "与户主或本人关系", "家庭关系", "关系"),
            longest=40,
        ),
        Column("姓名", "name", also=("户籍人口姓名", "人员姓名", "公民姓名"), required=True, personal=True),
        Column("性别", "sex"),
        Column("民族", "ethnic", longest=20),
        Column("出生日期", "birth", also=("出生年月日", "出生年月", "生日", "出生时间"), personal=True),
        Column(
            "公民身份号码",
            "id",
            also=(
                "公民身份证号码",
                "公民身份证号",
                "公民身份号",
                "居民身份证号码",
                "居民身份证号",
                "居民身份证",
                "身份证号码",
                "身份证号",
                "身份证",
                "身份号码",
                "身份证件号码",
                "证件号码",
            ),
            required=True,
            personal=True,
        ),
        Column(
            "住址",
            "address",
            also=("地址", "户籍地址", "户口地址", "家庭住址", "户籍住址", "居住地址", "户口所在地"),
            household=True,
        ),
        Column(
            "所属居委", "committee", also=("居委", "居委会", "所属居委会", "居村委", "社区", "所属社区"), household=True
        ),
        Column("服务处所", "workplace", also=("工作单位", "单位")),
        Column("文化程度", "education", also=("学历", "受教育程度")),
        Column("联系电话", "phone", also=("电话", "手机", "手机号", "手机号码", "电话号码", "联系方式"), personal=True),
        Column("迁入日期", "moved_in", also=("迁入时间", "迁来日期", "何时迁来")),
        Column("备注", "remark", also=("说明",)),
    ),
)

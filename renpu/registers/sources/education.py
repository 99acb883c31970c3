"""Education roll (教育学籍): children and students by school. Being on the roll is not living at the school or at the
address that the school knows."""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="education",
    also=("school_roll",),
    title=_("Education roll (教育学籍)"),
    provider=_("education bureau or school"),
    unit="person",
    twin=("name", "id", "school", "class"),
    same=("name", "birth", "school"),
    needs=(("school", "grade", "class", "roll_no"),),
    listed=("name", "sex", "birth", "id", "school", "kin_name", "address"),
    columns=(
        columns.SERIAL,
        Column("学籍号", "roll_no", kind="unkept", also=("全国学籍号", "学籍编号", "国网学籍号", "学籍辅号")),
        columns.NAME.called("学生姓名", "姓名", "幼儿姓名", "儿童姓名"),
        columns.SEX,
        columns.ETHNIC,
        columns.BIRTH,
        columns.ID.called(
            "学生身份证号",
            "学生身份证号码",
            "学生身份证件号",
            "身份证件号",
            "身份证件号码",
            "公民身份号码",
            "身份证号码",
            "身份证号",
            "证件号码",
            "身份证",
        ),
        Column(
            "学校",
            "school",
            also=("学校名称", "就读学校", "所在学校", "学校(园所)名称", "幼儿园", "园所名称"),
            merged=True,
        ),
        Column("年级", "grade", also=("所在年级",), merged=True),
        Column("班级", "class", also=("所在班级", "班级名称", "班"), merged=True),
        columns.LIVING_ADDRESS.called(
            "现住址", "家庭住址", "家庭地址", "居住地址", "现住地址", "住址", "地址", "通信地址"
        ).but(merged=False, parts=("hukou_address",)),
        columns.HUKOU_ADDRESS,
        Column("是否住宿", "boards", also=("是否住校", "住校", "就读方式", "是否寄宿", "寄宿"), longest=20),
        Column(
            "监护人姓名",
            "kin_name",
            kind="name",
            also=("家长姓名", "监护人", "家长", "成员1姓名", "父母姓名", "父亲姓名或母亲姓名"),
            personal=True,
        ),
        Column(
            "监护人身份证号",
            "kin_id",
            kind="id",
            also=("监护人身份证件号", "监护人身份证号码", "家长身份证号", "成员1身份证件号"),
            personal=True,
        ),
        columns.PHONE.called(
            "监护人联系电话", "监护人电话", "家长电话", "家长联系电话", "联系电话", "电话", "手机", "成员1联系电话"
        ),
        Column("入学日期", "happened_on", kind="date", also=("入学年月", "入学时间", "入园日期", "入园时间")),
        columns.COMMITTEE.but(merged=False),
        columns.REMARK,
    ),
)

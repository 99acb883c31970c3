"""Births by the health commission (卫健出生): by hospital or by the mother's residence, not by hukou; many infants have
no name of their own yet (王芳之子)."""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="births",
    also=("health_births",),
    title=_("Births of the health commission (卫健出生)"),
    provider=_("health commission"),
    unit="birth",
    known_by=("name", "kin_name", "certificate", "kin_id"),
    twin=("certificate", "name", "birth", "kin_name", "kin_id"),
    same=("kin_name", "birth", "certificate"),
    happened="birth",
    needs=(("kin_name", "kin_id", "certificate"),),
    once=("certificate",),
    listed=("name", "sex", "birth", "kin_name", "kin_id", "address"),
    columns=(
        columns.SERIAL,
        Column(
            "出生医学证明编号",
            "certificate",
            kind="key",
            also=(
                "出生证编号",
                "出生证号",
                "出生医学证明号",
                "出生医学证明",
                "出生证明编号",
                "医学证明编号",
                "出生编号",
            ),
            longest=40,
        ),
        columns.NAME.called("新生儿姓名", "婴儿姓名", "儿童姓名", "孩子姓名", "新生儿", "宝宝姓名", "婴幼儿姓名").but(
            required=False, expected=True
        ),
        columns.SEX.called("性别", "新生儿性别", "婴儿性别", "儿童性别"),
        columns.BIRTH.called(
            "出生日期", "出生时间", "出生年月日", "新生儿出生日期", "分娩日期", "分娩时间", "出生年月"
        ).but(required=True),
        Column(
            "母亲姓名", "kin_name", kind="name", also=("母亲", "产妇姓名", "产妇", "母姓名"), filled=True, personal=True
        ),
        Column(
            "母亲身份证号",
            "kin_id",
            kind="id",
            also=(
                "母亲身份证号码",
                "母亲公民身份号码",
                "母亲证件号码",
                "母亲身份证件号码",
                "母亲证件号",
                "母亲身份证",
                "产妇身份证号",
                "产妇身份证号码",
                "产妇证件号码",
            ),
            filled=True,
            personal=True,
        ),
        columns.LIVING_ADDRESS.called(
            "母亲现住址",
            "母亲住址",
            "母亲现住地址",
            "母亲现居住地址",
            "产妇现住址",
            "产妇住址",
            "产后休养地址",
            "现住址",
            "家庭住址",
            "住址",
            "地址",
        ).but(merged=False),
        columns.HUKOU_ADDRESS.called("母亲户籍地址", "母亲户口所在地", "母亲户籍地", "产妇户籍地址", "户籍地址"),
        columns.COMMITTEE.but(merged=False),
        Column("接生机构", "hospital", also=("助产机构", "出生医院", "分娩医院", "出生地点", "医疗机构", "出生机构")),
        columns.PHONE.called("母亲联系电话", "产妇联系电话", "产妇电话", "母亲电话", "联系电话", "电话", "手机"),
        columns.REMARK,
    ),
)

"""Columns that many registers have, with the titles offices give them. A source takes one as it is, or calls it
otherwise: `NAME.called("新生儿姓名", "婴儿姓名")`."""

from renpu.registers.source import Column

SERIAL = Column("序号", "serial", kind="unkept", also=("编号", "序", "行号"))
HOUSEHOLD_NO = Column(
    "户号",
    "household_no",
    kind="key",
    also=("户口簿号", "户口号", "户编号", "家庭户号", "户籍号"),
    filled=True,
    merged=True,
    longest=40,
)
HOUSEHOLD_KIND = Column(
    "户别", "household_kind", also=("户类型", "户口类别", "户类别", "户的类别"), merged=True, longest=20
)
RELATION = Column(
    "与户主关系",
    "relation",
    also=("与户主的关系", "户主关系", "与户主或本人关系", "家庭关系", "关系"),
    longest=40,
)
NAME = Column(
    "姓名",
    "name",
    kind="name",
    also=("户籍人口姓名", "人员姓名", "公民姓名"),
    required=True,
    filled=True,
    personal=True,
)
SEX = Column("性别", "sex", kind="sex", filled=True)
BIRTH = Column(
    "出生日期",
    "birth",
    kind="date",
    also=("出生年月日", "出生年月", "生日", "出生时间"),
    filled=True,
    personal=True,
)
ID = Column(
    "公民身份号码",
    "id",
    kind="id",
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
        "身份证件号",
        "证件号码",
        "证件号",
    ),
    required=True,
    filled=True,
    personal=True,
)
ETHNIC = Column("民族", "ethnic", longest=20)
ADDRESS = Column(
    "住址",
    "address",
    also=("地址", "户籍地址", "户口地址", "家庭住址", "户籍住址", "居住地址", "户口所在地"),
    expected=True,
    merged=True,
)
LIVING_ADDRESS = Column(
    "现住址",
    "address",
    also=(
        "现住地址",
        "现居住地址",
        "现居住地",
        "居住地址",
        "实际居住地址",
        "实际居住地",
        "常住地址",
        "常住址",
        "住址",
        "地址",
        "家庭住址",
        "家庭地址",
        "详细地址",
        "详细住址",
    ),
    expected=True,
    merged=True,
)
HUKOU_ADDRESS = Column(
    "户籍地址",
    "hukou_address",
    also=("户籍地", "户口地址", "户籍所在地", "户籍地详址", "户口所在地", "户籍住址", "户口登记地", "户籍登记地"),
)
COMMITTEE = Column(
    "所属居委",
    "committee",
    also=("居委", "居委会", "所属居委会", "居村委", "村居", "居(村)委会", "社区", "所属社区", "居民委员会"),
    merged=True,
)
PHONE = Column(
    "联系电话",
    "phone",
    kind="phone",
    also=("电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "联系手机"),
    personal=True,
)
EDUCATION = Column("文化程度", "education", also=("学历", "受教育程度"))
WORKPLACE = Column("服务处所", "workplace", also=("工作单位", "单位"))
REMARK = Column("备注", "remark", also=("说明",))

YES_NO = {
    **dict.fromkeys(("是", "有", "在", "住", "√", "Y", "y", "1"), "是"),
    **dict.fromkeys(("否", "无", "不在", "不住", "×", "N", "n", "0"), "否"),
}

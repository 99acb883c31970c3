"""Residence permits and registrations of people from elsewhere (居住证、来沪人员登记): who lives here by the police."""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="residence_permits",
    also=("permits",),
    title=_("Residence permits (居住证)"),
    provider=_("police station"),
    unit="person",
    twin=("name", "id", "address"),
    same=("name", "birth", "address"),
    listed=("name", "sex", "birth", "id", "address", "happened_on"),
    columns=(
        columns.SERIAL,
        columns.NAME,
        columns.SEX,
        columns.ETHNIC,
        columns.BIRTH,
        columns.ID,
        columns.LIVING_ADDRESS.called(
            "居住地址", "现居住地址", "现住址", "现住地址", "居住地详址", "在沪居住地址", "暂住地址", "住址", "地址"
        ).but(required=True),
        columns.HUKOU_ADDRESS.called(
            "户籍地址", "户籍地", "户籍所在地", "户籍地详址", "户口所在地", "来源地", "原籍", "户籍登记地"
        ),
        columns.COMMITTEE,
        Column("居住证号", "permit", kind="unkept", also=("居住证编号", "居住证号码", "证号", "登记编号")),
        Column(
            "登记日期",
            "happened_on",
            kind="date",
            also=("登记时间", "发证日期", "签发日期", "办证日期", "来沪日期", "到达日期", "居住登记日期"),
        ),
        Column("有效期", "valid_until", also=("有效期至", "有效期限", "签注有效期", "到期日期")),
        Column("居住事由", "reason", also=("来沪事由", "事由", "暂住事由", "来沪原因")),
        Column("居住处所", "use", also=("居住类型", "住所类型", "房屋类型"), longest=20),
        Column("房东姓名", "kin_name", kind="name", also=("房东", "出租人", "出租人姓名"), personal=True),
        columns.WORKPLACE,
        columns.PHONE,
        columns.REMARK,
    ),
)

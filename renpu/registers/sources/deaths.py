"""Deaths by the health commission (卫健死亡): medical certificates of death, by place of death or of hukou. The cause
of death is nobody's business here and is not kept."""

from django.utils.translation import gettext_lazy as _

from renpu.registers import columns
from renpu.registers.source import Column, RegisterSource

SOURCE = RegisterSource(
    name="deaths",
    also=("health_deaths",),
    title=_("Deaths of the health commission (卫健死亡)"),
    provider=_("health commission"),
    unit="death",
    twin=("certificate", "name", "id", "happened_on"),
    same=("name", "birth", "happened_on"),
    once=("id", "certificate"),
    listed=("name", "sex", "birth", "id", "happened_on", "address"),
    columns=(
        columns.SERIAL,
        Column(
            "死亡证编号",
            "certificate",
            kind="key",
            also=("死亡证明编号", "死亡医学证明编号", "死亡证号", "死亡医学证明书编号", "死亡证明书编号"),
            longest=40,
        ),
        columns.NAME.called("死者姓名", "死亡人员姓名", "死亡者姓名", "姓名", "逝者姓名"),
        columns.SEX,
        columns.ETHNIC,
        columns.BIRTH,
        columns.ID.called(
            "死者身份证号",
            "死者身份证号码",
            "死者证件号码",
            "死者公民身份号码",
            "公民身份号码",
            "身份证号码",
            "身份证号",
            "身份证件号码",
            "证件号码",
            "有效身份证件号码",
            "身份证",
        ),
        Column(
            "死亡日期",
            "happened_on",
            kind="date",
            also=("死亡时间", "死亡年月日", "死亡年月", "去世日期", "死亡日"),
            required=True,
            filled=True,
        ),
        columns.LIVING_ADDRESS.called(
            "生前常住地址",
            "生前住址",
            "生前常住址",
            "生前详细住址",
            "常住地址",
            "生前居住地址",
            "现住址",
            "住址",
            "家庭住址",
            "地址",
        ).but(merged=False, parts=("hukou_address",)),
        columns.HUKOU_ADDRESS,
        columns.COMMITTEE.but(merged=False),
        Column("死亡地点", "place_of_death", also=("死亡场所",)),
        Column(
            "死因",
            "cause",
            kind="unkept",
            also=("死亡原因", "根本死因", "直接死因", "死因编码", "死因诊断", "疾病名称"),
        ),
        Column(
            "家属姓名", "kin_name", kind="name", also=("可联系的家属姓名", "家属", "报告人", "联系人"), personal=True
        ),
        columns.RELATION.called("与死者关系", "家属与死者关系", "与死者的关系"),
        columns.PHONE.called("家属联系电话", "家属电话", "联系电话", "电话", "手机"),
        columns.REMARK,
    ),
)

"""The words of the progress report: those of the outline in use, its slips of the pen corrected (`CORRECTIONS`).

`{S15}` is a number of the report; `{phase}` and other small words are written by `reports.progress`. A sentence is left
out when a number it needs is 0 or unknown. A sentence marked DRAFT rests on no record: it is for the office to confirm,
change or strike out. `hint` gives the outline's words for what the programme cannot know.
"""

import re
from typing import NamedTuple

DRAFT = True
MARK = re.compile(r"\{(\w+)\}")
SMALL_WORDS = (
    "unit",
    "census",
    "ordinal",
    "short",
    "offices",
    "whole",
    "phase",
    "sources",
    "channels",
    "others",
    "slow",
)


class Sentence(NamedTuple):
    """A clause; one that `opens` stands after a full stop, whatever was left out before it."""

    text: str
    needs: tuple[str, ...] = ()
    draft: bool = False
    opens: bool = False


class Part(NamedTuple):
    """One paragraph; `lead` is its numbered opening phrase. The office may rewrite the paragraphs that are `free`."""

    key: str
    sentences: tuple[Sentence, ...]
    lead: str = ""
    free: bool = True
    hint: str = ""


class Section(NamedTuple):
    heading: str
    parts: tuple[Part, ...]


TITLE = "{S00}人口普查工作进展情况汇报"
OPENING = "按照会议通知要求，现将我{unit}{census}工作进展情况汇报如下："

PROGRESS = Section(
    "一、进展情况",
    (
        Part(
            "progress",
            (
                Sentence("按照{offices}人普办统一安排，"),
                Sentence(
                    "{S00}被确定为全市{ordinal}人口普查试点单位，{S01}月{S02}日至{S03}月{S04}日圆满完成试点小区{S05}户、{S06}人普查任务；",
                    ("S05",),
                ),
                Sentence("{E31}月", ("E31",)),
                Sentence("{whole}人普工作启动以来，现已进入{phase}阶段。"),
                Sentence("此次普查公安部门共推送户籍人口{S07}户、{S08}人；", ("S08",)),
                Sentence("常住户数{S09}户、{S10}人。"),
                Sentence("截至目前，平台完成录入{S11}户、{S12}人口（户籍{S13}人、常住{S14}人）。"),
                Sentence(
                    "其中，普通住户{S15}户、空户{S16}户，全户外出{S17}户，全户死亡{S18}户，"
                    "自主填报户{S19}户，自主填报率{S20}%，完成短表上报{S21}户。"
                ),
            ),
            free=False,
        ),
    ),
)

DONE = Section(
    "二、主要做法",
    (
        Part(
            "done",
            (
                Sentence(
                    "工作开展以来，我们在思想上重视，在准备上充分，在推进上有力，以确保“{short}”工作有序开展。",
                    draft=DRAFT,
                ),
            ),
        ),
        Part(
            "attention",
            (
                Sentence(
                    "为扎实推进此项工作，我们将人口普查工作纳入了近期重点任务全力推进，明确了职责分工，", draft=DRAFT
                ),
                Sentence("精心划分{S22}个普查区，确保人普工作有人抓、有人管。", ("S22",)),
            ),
            lead="1.思想上重视。",
            hint="成立了以党工委书记任组长的社区人口普查领导小组及办公室，制定了工作方案；先后组织普查员参加省市县各类业务培训，"
            "组建人普业务群；社区召开会议安排部署，不定期听取进展情况。",
        ),
        Part(
            "preparation",
            (
                Sentence("在人员安排上，"),
                Sentence("{S23}名居民区小组长全部参与人普工作，", ("S23",)),
                Sentence("{others}", ("others",)),
                Sentence("普查人员共{E26}名，确保人员力量到位。", ("E26",)),
            ),
            lead="2.准备上充分。",
            hint="在力量支持上，便民大厅和社区会议室24小时向全体普查员开放，确保随时可用；备齐必要耗材，为人普工作开展提供便利；"
            "在政策宣传上，利用传单、条幅、微信朋友圈进行广泛宣传，力求做到人人皆知、人人参与。",
        ),
        Part(
            "push",
            (
                Sentence("在调查摸底上，严格明确责任，由各普查区指导员负责本辖区内普查员工作推进，", draft=DRAFT),
                Sentence("并充分利用{sources}，", ("sources",)),
                Sentence("组织普查员对各普查小区内所有普查对象逐户查访，", draft=DRAFT),
                Sentence("列入摸底名册{E01}户，", ("E01",)),
                Sentence("摸清小区内每幢房屋和建筑物的居住户数、人员情况，为正式填录短表做好前期准备；", draft=DRAFT),
                Sentence("在小区划分上，", ("S24",)),
                Sentence("综合考虑片区大小、位置等情况，", ("S24",), DRAFT),
                Sentence("将辖区划分成{S24}个普查区", ("S24",)),
                Sentence("、{E08}个普查小区", ("E08",)),
                Sentence("。"),
            ),
            lead="3.推进上有力。",
            hint="在业务培训上，采取“线上”+“线下”同步开展方式，并对普查人员单独培训，进一步提高工作人员业务能力；"
            "在小区划分上，多次组织工作人员实地踏查，全面完成划区绘图、建筑物标注等工作。",
        ),
        Part(
            "visits",
            (
                Sentence("在入户摸底登记上，"),
                Sentence("选取{S25}名业务精、能力强、熟悉情况的工作人员作为普查指导员参与人普工作；", ("S25",), DRAFT),
                Sentence("在工作方式上，采取早、中、晚“错时”入户、预约入户等方式，以全面提高入户率，", ("E06", "E23")),
                Sentence("累计入户及联系{E04}次，其中上午{E21}次、下午{E22}次、晚间{E23}次，", ("E04",)),
                Sentence("留置预约登记单{E06}张，", ("E06",)),
                Sentence("对外出人员追踪去向{E24}人、办结{E25}人。", ("E24",)),
                Sentence(
                    "同时，严格工作纪律，要求普查员严格程序要求，全力配合统计部门，逐户上门、仔细询问、认真填表登记，"
                    "发现问题及时探讨、处理，疑难问题记录在案。",
                    draft=DRAFT,
                    opens=True,
                ),
            ),
        ),
    ),
)

PROBLEMS = Section(
    "三、存在的问题",
    (
        Part(
            "basics",
            (
                Sentence("前期我们结合{channels}等渠道收集了普查区的人口资料，做好摸底工作，但", ("channels",)),
                Sentence("在实际工作过程中，仍发现部分普查对象信息准确掌握难度大。", draft=DRAFT),
                Sentence("名册中有空挂户{E15}户、拆迁搬离户{E16}户，", ("E15", "E16")),
                Sentence("短表登记户在人不在{E10}人、人在户不在{E11}人。", ("E10", "E11")),
                Sentence(
                    "尤其是对流动人口的去向及联系方式等信息掌握甚少且准确度不高，给入户工作带来了一定困难。",
                    draft=DRAFT,
                    opens=True,
                ),
            ),
            lead="1.基础信息掌握难。",
        ),
        Part(
            "interviews",
            (
                Sentence("累计入户未果{E05}次，", ("E05",)),
                Sentence("至今尚未联系上{E02}户，", ("E02",)),
                Sentence("拒绝登记{E03}户。", ("E03",)),
                Sentence(
                    "个别普查对象对此不理解，会产生厌烦情绪，导致门难进、脸难看、话难听现象发生；"
                    "个别普查对象心存顾虑，怕泄漏隐私，不愿如实填报。",
                    draft=DRAFT,
                    opens=True,
                ),
            ),
            lead="2.入户信息采集难。",
            hint="对于职业、婚姻、房产和车辆等信息不愿如实填报。",
        ),
        Part(
            "staff",
            (
                Sentence(
                    "在此次上级选派的{S26}名普查员中，除社区抽调的{S27}名工作人员外，其他普查员均为各单位选派的干部，",
                    ("S26", "E27"),
                ),
                Sentence("录入进度较慢的普查小区有{slow}，", ("slow",)),
                Sentence(
                    "{unit}对于个别在普查工作中进度慢、重视程度不够的普查员，缺少有效管理手段，"
                    "只有通过与本人沟通、反馈单位和上报{offices}人普办，但整体推进效果不明显，在人员管理上相对较难。",
                    draft=DRAFT,
                ),
            ),
            lead="3.普查人员管理难。",
        ),
    ),
)

ADVICE = Section(
    "四、工作建议",
    (
        Part(
            "publicity",
            (
                Sentence(
                    "切实加强人口普查宣传力度，进一步提高广大群众参与度，可以采取图文并茂等群众喜闻乐见的形式进行宣传；"
                    "充分利用电视、网络、报纸等人们生活常见的宣传渠道进行宣传；入户中，工作人员带头做好政策宣传，既当好普查员，"
                    "又当好宣传员，切实提高居民参与意识和自主填报率。",
                    draft=DRAFT,
                ),
            ),
            lead="1.营造舆论氛围。",
        ),
        Part(
            "method",
            (
                Sentence(
                    "入户登记时，要掌握询问技巧，不仅要多角度、多方面询问，还要注意用语习惯，做到通俗易懂，不能过于理论化；"
                    "选择好上门入户时间，可采取预约上门和“错时”上门、电话沟通等方式进行，以保证入户率。",
                    draft=DRAFT,
                ),
            ),
            lead="2.找准工作方法。",
        ),
        Part(
            "management",
            (
                Sentence(
                    "加大业务指导和解答力度，确保有问题能够及时得到解答；强化对普查员抽调派出单位的相关人员的责任落实，"
                    "确保普查工作真正全员参与，各项工作真正有人抓、有人管。",
                    draft=DRAFT,
                ),
            ),
            lead="3.强化人员管理。",
        ),
    ),
)

SECTIONS = (PROGRESS, DONE, PROBLEMS, ADVICE)
PARTS = {part.key: part for section in SECTIONS for part in section.parts}

REMAINDER = (
    Sentence("摸底名册共{E01}户，已录入{S11}户。除正文所列普通住户、空户、全户外出、全户死亡四类外，已录入的还有"),
    Sentence("集体户{S15c}户、空挂户{E15}户、拆迁搬离户{E16}户、港澳台及外籍人员户{E17}户、非住用房屋{E18}处；"),
    Sentence("未录入的有尚未联系上{E02}户、拒绝登记{E03}户。"),
)
CORRECTIONS = (
    "提纲原文“于至”“近度慢”“进一部”“做为”“截止目前”“自我填报率”系笔误，本报告分别作“至”“进度慢”“进一步”“作为”"
    "“截至目前”“自主填报率”；“录入X户数”作“录入X户”，标题序号及标点从规范。"
)

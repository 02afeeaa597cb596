"""Which words name a unit, which stand for many, which look like a person, and when two are names of one unit.

Whoever is not known to be an organisation is handled as a natural person (ARCHITECTURE.md, 6): a unit is known by how
its name ends.
"""

import re
from functools import lru_cache

# Endings that given names do not have.
_PLAIN = (
    r"委|局|厅|署|部|院|所|站|室|处|组|办|司|厂|中心|政府|专班|办公会|海关|机关|部门|单位|机构|企业|组织|团体|媒体|集团|高校|院校|"
    r"银行|支行|分行|总行|人行|农商行|信用社|报社|新华社|通讯社|供销社|供销合作社|合作社|联社|联合社|出版社|学校|党校|中学|小学|大学|"
    r"委员会|常委会|管委会|管理会|委会|理事会|董事会|协会|学会|商会|工会|联合会|基金会|红十字会|贸促会|研究会|促进会|总会|分会|监会|"
    r"妇联|残联|侨联|文联|工商联|社科联|科协|作协|记协|消协|律协|人大|政协|电视台|电台|气象台|总台|地震台|支队|总队|大队|中队|"
    r"联盟|联席会议|军分区|警备区|武警|图书馆|档案馆|博物馆|文化馆|科技馆|美术馆|展览馆|纪念馆|党组|党委|支部|街道|社区|园区|新区|开发区|高新区|"
    r"经开区|示范区|保税区|试验区|合作区|管理区|产业园|工业园|科技园|各地|地区|地方|基地|平台公司|公司|联通|移动|电信|铁塔|市府|州府|盟府|运营商|书店|团中央|部门\(单位\)|单位\(部门\)"
)
_UNIT = re.compile(rf".*(?:{_PLAIN})")
# Endings that given names have too: 李登科, 王文镇. A place may stand for its government: 东丽区, 各县（市、区）.
_PLACE = re.compile(r".{2,}(?:区|县|市)|各.*(?:区|县|市|乡|镇|街道|街|州|旗|盟|省|村)\)?")
_MAYBE = re.compile(r".+(?:科|镇|乡|自治州|自治旗)")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔"
    "伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛冉翁骆路游辛靳管柴"
    "蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬"
    "边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_COMPOUND = r"欧阳|上官|司马|司徒|诸葛|皇甫|尉迟|公孙|慕容|令狐|东方|南宫|夏侯|长孙|宇文|轩辕|端木"
_PERSON = re.compile(
    rf"(?:[{_SURNAMES}]|{_COMPOUND})[\u4e00-\u9fff某×*○]{{1,2}}|[\u4e00-\u9fff]{{1,6}}·[\u4e00-\u9fff·]{{1,12}}"
)
_ADDRESSED = re.compile(rf"[{_SURNAMES}](?:局|处|科|部|所|院|办|委|厅|站|组|司|工|总|老|队|某|某某)")
_OFFICE = re.compile(
    r".*(?:同志|先生|女士|主任|[市县区镇乡省州局部厅处科所院校行会组站队署司村]长|书记|主席|秘书长|理事长|董事长|经理|负责人|责任人|联系人|领导|专员|主管|"
    r"工程师|教授|老师|律师|委员|常委|干部|人员|代表|科员|专家|主持人|调研员|巡视员|秘书|参事)"
)
# Endings of three characters with a surname before them that could be a name: 钱学会.
_SHORT_PERSON = re.compile(
    rf"[{_SURNAMES}](?:学会|商会|协会|工会|总会|分会|中心|政府|大学|学校|联盟|联社|公司|党委|支部)"
)
_NAMED_BY_SHARE = re.compile(r"各[^的]*(?:牵头|负责|责任|配合)(?:单位|部门)")
_MANY = re.compile(
    r".*(?:各|有关|相关|各级|所有|其他|全体|所属|下属|直属).*"
    r"|.*(?:部门|单位|机构|企业|媒体|社会团体|高校|院校|社会组织|行业组织|地方|各地|地区)"
)
# Nothing of a sentence: a name has no quotation, no marks, no 的.
_NO_NAME = re.compile(r"[。？！?!“”\"'‘’《》<>=%#@:;,.|\\]|https?")
_SENTENCE = re.compile(r".*(?:的|应当|应该|不得|可以|按照|通过|根据|或者|如果|以下|包括|不含|负责|牵头).*")
LONGEST = 40
# Class words that alone name nobody.
_BARE = frozenset(
    {
        "组织",
        "团体",
        "媒体",
        "企业",
        "机构",
        "地区",
        "地方",
        "街道",
        "社区",
        "基地",
        "公司",
        "集团",
        "学校",
        "移动",
        "电信",
        "联通",
        "铁塔",
        "商会",
        "协会",
        "学会",
        "银行",
        "大学",
        "中学",
        "小学",
        "高校",
        "院校",
        "医院",
        "学院",
        "中心",
        "联盟",
    }
)

# What a name says in short, and in full: both are the same name. Longer ones come first.
_SHORT = (
    (r"^(?:中国)?人民银行", "人行"),
    (r"人力资源社会保障|人力资源社保|人力社保", "人社"),
    (r"人力资源", "人社"),
    (r"管理委员会", "管委会"),
    (r"监督管理", "监管"),
    (r"发展改革", "发改"),
    (r"住房城乡建设|住房建设", "住建"),
    (r"工业信息化", "工信"),
    (r"经济信息化", "经信"),
    (r"卫生健康", "卫健"),
    (r"卫生计划生育|卫生计生", "卫计"),
    (r"计划生育", "计生"),
    (r"环境保护", "环保"),
    (r"国土资源", "国土"),
    (r"安全生产监管|安全监管", "安监"),
    (r"质量技术监督", "质监"),
    (r"食品药品监管", "食药监"),
    (r"药品监管", "药监"),
    (r"工商行政管理", "工商"),
    (r"文化广电旅游", "文广旅"),
    (r"文化广电新闻出版", "文广新"),
    (r"文化旅游", "文旅"),
    (r"交通运输", "交通"),
    (r"科学技术", "科技"),
    (r"国家税务", "国税"),
    (r"地方税务", "地税"),
    (r"城市管理", "城管"),
    (r"应急管理", "应急"),
    (r"医疗保障", "医保"),
    (r"退役军人事务", "退役军人"),
    (r"政务服务数据管理", "政数"),
    (r"国有资产监管", "国资"),
    (r"民族宗教事务|民族宗教", "民宗"),
    (r"银行业监管", "银监"),
    (r"银行保险监管", "银保监"),
    (r"证券监管", "证监"),
    (r"保险监管", "保监"),
    (r"行政审批服务", "审批服务"),
    (r"妇女联合会", "妇联"),
    (r"残疾人联合会", "残联"),
    (r"工商业联合会", "工商联"),
    (r"归国华侨联合会", "侨联"),
    (r"文学艺术界联合会", "文联"),
    (r"科学技术协会|科技协会", "科协"),
    (r"中级人民法院|人民法院|中级法院|中院", "法院"),
    (r"人民检察院", "检察院"),
    (r"人民政府", "政府"),
    (r"机构编制委员会办公室|机构编制委办公室|委编办", "编办"),
    (r"精神文明建设(?:指导)?委员会办公室", "文明办"),
    (r"互联网信息办公室", "网信办"),
    (r"金融工作", "金融"),
    (r"委员会", "委"),
    (r"办公厅|办公室", "办"),
)
_LEVEL = re.compile(r"^(?:.{2,8}?)(?=[省市县区州盟旗])")


def is_person(name: str) -> bool:
    """Whether it names, or could name, a natural person: 张三, 李四同志, 市发展改革委主任, 王局."""
    return bool(_PERSON.fullmatch(name) or _ADDRESSED.fullmatch(name) or _OFFICE.fullmatch(name)) and not _surely(name)


def is_unit(name: str) -> bool:
    """Whether it is known as a name of an organisation, or as words for many of them."""
    if not 2 <= len(name) <= LONGEST or name in _BARE or _NO_NAME.search(name):
        return False
    if _NAMED_BY_SHARE.fullmatch(name):
        return True
    if _SENTENCE.fullmatch(name) and not (is_collective(name) and "的" in name and "由" not in name):
        return False
    if _ADDRESSED.fullmatch(name) or _SHORT_PERSON.fullmatch(name) or _OFFICE.fullmatch(name):
        return False
    if _UNIT.fullmatch(name):
        return True
    return bool(_PLACE.fullmatch(name) or (_MAYBE.fullmatch(name) and not _PERSON.fullmatch(name)))


def _surely(name: str) -> bool:
    return bool(_UNIT.fullmatch(name)) and not (_ADDRESSED.fullmatch(name) or _SHORT_PERSON.fullmatch(name))


def is_collective(name: str) -> bool:
    """Whether the words stand for many: 各区县人民政府, 市有关部门, 行业主管部门."""
    return bool(_MANY.fullmatch(name))


@lru_cache(maxsize=65_536)
def canonical_name(name: str) -> str:
    """One spelling for all names that surely are of one unit: 市发展和改革委员会, 市发展改革委, 市发改委.

    For comparison only. Nothing is expanded to what a document does not say.
    """
    text = re.sub(r"[\s·]", "", name.translate(_BRACKETS))
    text = re.sub(r"(?<=.)[和与、](?=.)", "", text)
    for full, short in _SHORT:
        text = re.sub(full, short, text)
    return text


_BRACKETS = {ord(full): half for full, half in zip("（）【】〔〕［］", "()()()()", strict=True)}

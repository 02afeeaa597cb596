"""Clean documents to put noise on: the demo's own, and generated ones."""

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

import yaml

ROOT = Path(__file__).resolve().parents[3]
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class CleanDocument:
    """A document as it should come out: title, number, and the lines of its body, a table as its rows."""

    title: str
    number: str
    lines: tuple[str | Rows, ...]

    def text_lines(self) -> list[str]:
        """As a plain text has it; a table a row a line, cells between bars."""
        return [self.title, self.number, *(line for line in self.lines if isinstance(line, str))]


def demo_documents() -> list[CleanDocument]:
    """The policy documents of the demo city."""
    return [_demo(path) for path in sorted((ROOT / "content" / "policies").glob("*.md"))]


def _demo(path: Path) -> CleanDocument:
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    head = yaml.safe_load(front)
    lines: list[str | Rows] = []
    for block in body.strip().split("\n\n"):
        if block.startswith("|"):
            rows = [tuple(cell.strip() for cell in row.strip("| ").split("|")) for row in block.splitlines()]
            lines.append((rows[0], *rows[2:]))
            continue
        text = re.sub(r"\s*\{[:#][^}]*\}", "", block.replace("\n", " "))
        text = re.sub(r"^#+ |\*\*", "", text)
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
        lines.append(text.replace("\\", "").strip())
    return CleanDocument(head["title"], head["number"], tuple(lines))


_BODIES = (
    "市发展改革委",
    "市市场监管局",
    "市财政局",
    "市公安局",
    "人民银行汀澜市中心支行",
    "各区人民政府",
    "市有关部门",
    "市信用信息中心",
)
_DOES = ("建立健全", "加快推进", "依法规范", "研究制定", "组织开展", "切实加强", "逐步完善")
_WHAT = (
    "信用信息归集共享制度",
    "守信联合激励机制",
    "失信约束措施清单",
    "重点领域信用监管体系",
    "公共信用信息公示平台",
    "市场主体信用承诺制度",
    "行政许可和行政处罚信息公示工作",
)
_WHY = (
    "保护信息主体合法权益",
    "优化营商环境",
    "提高监管的精准性",
    "推动高质量发展",
    "防止个人信息泄露",
    "方便群众查询",
)
_HAN = "一二三四五六七八九十"


def generated(seed: int) -> CleanDocument:
    """A plan or a set of rules, different for each seed."""
    random = Random(seed)
    year, number = random.randint(2012, 2025), random.randint(1, 300)
    topic = random.choice(_WHAT)
    if seed % 2:
        return CleanDocument(f"汀澜市{topic}实施方案", f"汀澜政发〔{year}〕{number}号", tuple(_plan(random)))
    return CleanDocument(f"汀澜市{topic}管理办法", f"汀澜政规〔{year}〕{number}号", tuple(_measures(random)))


def _sentence(random: Random) -> str:
    text = f"{random.choice(_DOES)}{random.choice(_WHAT)}，{random.choice(_WHY)}"
    if random.random() < 0.3:
        text += f"，到{random.randint(2024, 2030)}年覆盖率达到{random.randint(60, 99)}%"
    if random.random() < 0.2:
        text += "，推行“双公示”制度（含自然人、法人）"
    return text + "。"


def _plan(random: Random) -> list[str | Rows]:
    lines: list[str | Rows] = [
        f"为贯彻落实《国务院关于社会信用体系建设的指导意见》（国发〔2016〕{random.randint(1, 90)}号），制定本方案。"
    ]
    for part in range(random.randint(2, 4)):
        lines.append(f"{_HAN[part]}、{random.choice(('总体要求', '主要任务', '重点工作', '保障措施'))}")
        for section in range(random.randint(1, 3)):
            lines.append(f"（{_HAN[section]}）{random.choice(_DOES)}{random.choice(_WHAT)}")
            for item in range(random.randint(1, 4)):
                units = random.sample(_BODIES, 3)
                clause = random.choice((f"（{units[0]}牵头，{units[1]}、{units[2]}配合）", f"（{units[0]}负责）"))
                lines.append(f"{item + 1}.{_sentence(random)}{_sentence(random)}{clause}")
    if random.random() < 0.5:
        rows = [("序号", "任务", "牵头单位")]
        rows += [(str(n), random.choice(_WHAT), random.choice(_BODIES)) for n in range(1, random.randint(4, 8))]
        lines.append(tuple(rows))
    return lines


def _measures(random: Random) -> list[str | Rows]:
    lines: list[str | Rows] = []
    article = 0
    for chapter in range(random.randint(2, 4)):
        lines.append(f"第{_HAN[chapter]}章 {random.choice(('总则', '信息公示', '异议处理', '监督管理'))}")
        for _ in range(random.randint(2, 4)):
            article += 1
            if article > 10:
                break
            lines.append(f"第{_HAN[article - 1]}条 {_sentence(random)}{_sentence(random)}")
            if random.random() < 0.4:
                lines[-1] = f"第{_HAN[article - 1]}条 有下列情形之一的，不予公示："
                lines += [f"（{_HAN[n]}）未{random.choice(_DOES)}{random.choice(_WHAT)}的；" for n in range(2)]
                lines.append("（三）其他不宜公示的情形。")
    lines.append(f"第{_HAN[min(article, 9)]}条 本办法自2026年1月1日起施行。")
    return lines

"""Whatever stands in a copy: every line is accounted for, and every character of the result stands in it, in order."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from publish.importers.policy.markdown import escaped
from publish.render.text import plain_text
from tests.importers.policy import noise
from tests.importers.policy.account import squeezed
from tests.importers.policy.conftest import CleanOf

FRAGMENTS = st.sampled_from(
    [
        *(
            "发",
            "發(fā)",
            "辦（bàn）",
            "应(ying)(ying)",
            "实(sh?)",
            "(a)",
            "AA(A)级",
            "信用",
            "体系",
            "负责",
            "市发展改革委",
            "关于",
            "印发",
            "通知",
        ),
        *(
            ",",
            "，",
            ";",
            ":",
            "：",
            "(",
            ")",
            "（",
            "）",
            "《",
            "》",
            "〈",
            "〉",
            '"',
            "“",
            "”",
            "?",
            "!",
            "。",
            "、",
            "|",
            "…",
            "—",
        ),
        *(
            "1.",
            "2、",
            "（一）",
            "(二)",
            "一、",
            "第三条 ",
            "第一章 ",
            "附件",
            "附件1：",
            "2021年1月28日",
            "二〇一五年五月",
            "11:55",
            "3:1",
            "50%",
        ),
        *(
            "<p id='x1'>",
            "</p>",
            "&nbsp;",
            "&lt;",
            "<关于",
            "<",
            ">",
            "*",
            "_",
            "#",
            "`",
            "\\",
            "{: #x }",
            "[a](b)",
            "![",
            "~~",
            "+ ",
            "- ",
            "    ",
        ),
        *(
            "平信用[2015]2号",
            "国办发〔2019〕35号",
            "联系人：张三",
            "13812345678",
            "www.abc.com",
            "澳门金沙",
            "代开发票",
            "\ufffd",
            "\u200b",
            "\x0c",
            "é",
        ),
        *(
            "首页 > 政务公开",
            "扫一扫在手机打开当前页",
            "来源: 某办",
            "责任编辑：王五",
            "各市、县人民政府：",
            "(此件公开发布)",
            "等 3 个 ",
            "a b",
        ),
    ]
)
LINES = st.one_of(
    st.lists(FRAGMENTS, max_size=12).map("".join),
    st.text(max_size=30),
    st.sampled_from([line for group in (*noise.HEAD, *noise.BELOW, *noise.TAIL, *noise.SPAM) for line in group]),
    st.sampled_from(["| 序号 |", "| 任务 |", "| 1 |", "| 建立制度 |", "|", "a | b | c", "|---|---|", ""]),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, max_size=25), st.booleans())
@example(["（一）#", "发"], False)
@example(["一、目标 ##", "发展。"], False)
def test_every_character_is_accounted_for(cleaned: CleanOf, lines: list[str], simplified: bool) -> None:
    cleaned("\n".join(lines), simplified=simplified)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.lists(FRAGMENTS, max_size=12).map("".join), st.text(max_size=60)))
def test_markdown_shows_what_is_written(text: str) -> None:
    line = " ".join("".join(c for c in text if c.isprintable() or c == " ").split())
    assert squeezed(plain_text(escaped(line))) == squeezed(line)

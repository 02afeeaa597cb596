"""Texts that stand in several spellings in a source and in a release, to be put together by chance."""

SPELT = [
    *(
        "望海区三号路",
        "ＡＢＣ１２３号",
        "abc123号",
        "&amp;甲乙丙",
        "&甲乙丙",
        "50%25折",
        "Ｍ．Smith",
        "m．smith",
        "“引号”",
    ),
    *("\u200b隐藏字", "隐藏字", "\\u7532乙丙丁", '说""明', "①号楼", "1号楼", "e\u0301cole", "École", "内部 说明"),
]

"""Names and sentences that try to be markup."""

from hypothesis import settings
from hypothesis import strategies as st

PIECES = (
    "`", "``", "|", "<", ">", "&", "@team", "#12", "[a](https://evil.example)", "![i](//evil.example/i.png)",
    "https://evil.example", "www.evil.example", "<img src=x onerror=alert(1)>", "<!--", "-->", "</details>",
    "</script>", "<script>", "**", "__", "~~", "\\", "\n", "\n\n# title\n", "\n- item\n", "\n```\n", "1. ", "- ", "+ ",
    "= ", "> ", "|-|-|", "&lt;", "&#60;", "$x$", ":smile:", "a", " ", "é", "\u202e", "\x1b[2J", '"', "'", "{{", "]]>",
    "mallory@evil.example", "\u200b", "-- x", "***", "---", "\t", "\r\n", "[^1]", "==>", "end", ";", "%%", "#quot;",
)  # fmt: skip

texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), min_size=1, max_size=8).map("".join)

fewer = settings(max_examples=80)
"""No time limit for one example: the machine may be busy."""

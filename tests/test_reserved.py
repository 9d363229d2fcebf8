"""The words that no placeholder stands for are all that the prover compares names with.

`python -m tests.test_reserved` writes them.
"""

import ast
import re
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "tenantmesh"
WORDS = PACKAGE / "checks" / "reserved.txt"
_WORD = re.compile(r"[a-z0-9][-a-z0-9]*")


def words():
    """Every word in a text of the prover's code, but for prose: what has white space in it."""
    found = set()
    for folder in ("graph", "checks"):
        for path in (PACKAGE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    text = node.value.strip()
                    if not re.search(r"\s", text):
                        found |= {one for one in re.split(r"[^A-Za-z0-9-]+", text) if _WORD.fullmatch(one)}
    return "".join(f"{one}\n" for one in sorted(found))


def test_the_reserved_words_are_those_of_the_code():
    assert WORDS.read_text() == words(), "run python -m tests.test_reserved"


if __name__ == "__main__":
    WORDS.write_text(words())

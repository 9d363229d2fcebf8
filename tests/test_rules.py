"""Every rule finds its breach, and its page says so: the pages are written from the rules and the breaches.

When one of them changes, write the pages anew:

    python -m tests.test_rules
"""

import re
from pathlib import Path

import pytest

from tenantmesh.checks.finding import Rule
from tenantmesh.checks.rules import ALL, BY_ID
from tests.checks.breaches import HERE, NAMES, Breach, breach, of_rule, proven

PAGES = Path(__file__).parents[1] / "docs" / "rules"


def test_the_fenced_tenants_break_no_rule():
    """So that what a breach is found by is the breach's alone."""
    found = proven()
    assert [(one.rule.id, one.message) for one in found.findings] == []
    assert found.unproven == ()


@pytest.mark.parametrize("rule", [one.id for one in ALL])
def test_a_rule_finds_its_breach_and_nothing_once_it_is_cured(rule):
    found = of_rule(breach(rule).breached(), rule)
    assert found
    assert of_rule(breach(rule).cured(), rule) == []


@pytest.mark.parametrize("rule", [one.id for one in ALL])
def test_a_finding_says_what_is_wrong_where_and_what_to_do(rule):
    for one in of_rule(breach(rule).breached(), rule):
        assert one.message
        assert one.fix
        assert not one.message.endswith(".")
        assert set(one.tenants) <= {"acme", "globex", "*"}


def test_a_rule_is_well_spelled():
    for one in ALL:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", one.id)
        assert one.title.endswith(".")
        assert one.why.endswith(".")
        assert not one.fix.endswith(".")
        assert all(source.startswith("https://") for source in one.sources)
    assert len(BY_ID) == len(ALL)


def test_every_breach_is_a_rules():
    assert [one.id for one in ALL] == NAMES


def page(rule: Rule, example: Breach) -> str:
    lines = [
        f"# {rule.id}",
        "",
        f"{rule.title} Severity: {rule.severity}.",
        "",
        f"**Otherwise:** {rule.why}",
        "",
        f"**What to do:** {rule.fix[0].upper()}{rule.fix[1:]}.",
        "",
        "## Example",
        "",
        f"{example.about} {fenced_link(example)}",
        "",
        *block("Found", example.bad or missing(example)),
        *block("Not found", example.good or better(example)),
    ]
    if rule.sources:
        lines += ["## Sources", "", *(f"- <{source}>" for source in rule.sources), ""]
    return "\n".join(lines)


def fenced_link(example: Breach) -> str:
    link = "It is beside [the objects of two fenced tenants](../../tests/checks/fenced.yaml)"
    return f"{link} and these:\n\n```yaml\n{example.base}```" if example.base else f"{link}."


def missing(example: Breach) -> str:
    if example.intent:
        (one,) = example.intent["exemptions"]
        return "# intent.yaml\nexemptions:\n- " + "\n  ".join(f"{key}: {said(one[key])}" for key in one) + "\n"
    return "# there is none of these\n" + "".join(f"# {name}\n" for name in example.remove)


def said(value: object) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)


def better(example: Breach) -> str:
    return "# intent.yaml\nexemptions: []\n" if example.intent else ""


def block(title: str, text: str) -> list[str]:
    return [f"{title}:", "", "```yaml", text.rstrip("\n"), "```", ""] if text else []


def index() -> str:
    rows = [f"| [{one.id}]({one.id}.md) | {one.severity} | {one.title} |" for one in ALL]
    return "\n".join(
        [
            "# Rules",
            "",
            "What `tenantmesh verify` holds objects to. Each page shows a breach and its cure.",
            "An error breaks isolation, a warning weakens it.",
            "",
            "| rule | severity | what has to hold |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def written() -> dict[str, str]:
    return {"README.md": index()} | {f"{one.id}.md": page(one, breach(one.id)) for one in ALL}


def test_the_pages_are_those_of_the_rules():
    kept = {path.name: path.read_text() for path in PAGES.glob("*.md")}
    assert kept == written(), "write them anew: python -m tests.test_rules"


def test_a_page_shows_what_is_tested():
    assert (HERE / "fenced.yaml").is_file()
    assert all(breach(one.id).about.endswith(".") for one in ALL)


if __name__ == "__main__":
    PAGES.mkdir(parents=True, exist_ok=True)
    for old in PAGES.glob("*.md"):
        old.unlink()
    for name, text in written().items():
        (PAGES / name).write_text(text)

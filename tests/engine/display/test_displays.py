"""The displays: what a person or a script sees of a run."""

import io
import json

import pytest
from rich.console import Console

from tenantmesh.engine.display import JsonDisplay, LiveDisplay, PlainDisplay
from tenantmesh.engine.display.wording import counted, elapsed, short_type
from tenantmesh.engine.events import (
    Command,
    Diagnostic,
    Event,
    Op,
    RunDone,
    RunStarted,
    Severity,
    StatusChanged,
    Step,
    StepDone,
    StepFailed,
    StepStarted,
)
from tenantmesh.engine.provider import DiffKind, PropertyDiff
from tenantmesh.engine.resource import ResourceState
from tenantmesh.engine.values import UNKNOWN, Secret

MARKER = "sesame-5f2c"


def step(op: Op, name: str, **fields: object) -> Step:
    urn = f"urn:pulumi:dev::shop::kubernetes:core/v1:Secret::{name}"
    new = ResourceState(
        key=1,
        urn=urn,
        type="kubernetes:core/v1:Secret",
        custom=True,
        inputs={"stringData": Secret({"password": MARKER}), "size": UNKNOWN},
        outputs={"data": Secret(MARKER)},
    )
    return Step(op=op, urn=urn, type="kubernetes:core/v1:Secret", name=name, new=new, **fields)


def events(*, preview: bool = False, ok: bool = True, command: Command = Command.UP) -> list[Event]:
    changed = {"spec.hard.cpu": PropertyDiff(kind=DiffKind.UPDATE)}
    steps = [step(Op.SAME, "kept"), step(Op.CREATE, "made"), step(Op.UPDATE, "grown", detailed=changed)]
    return [
        RunStarted(command=command, preview=preview, project="shop", stack="dev", config={"shop:size": "3"}),
        *(StepStarted(step=item) for item in steps),
        StatusChanged(urn=steps[1].urn, message="0 of 2 pods ready"),
        *(StepDone(step=item, seconds=2) for item in steps),
        *([] if ok else [StepFailed(step=step(Op.CREATE, "refused"), message="quota exceeded")]),
        Diagnostic(severity=Severity.WARNING, message="careful", urn=steps[1].urn),
        Diagnostic(severity=Severity.DEBUG, message="chatter"),
        RunDone(
            ok=ok,
            counts={Op.SAME: 1, Op.CREATE: 1, Op.UPDATE: 1},
            seconds=65,
            outputs={"token": Secret(MARKER), "url": "https://a.example.com"},
        ),
    ]


def shown_plain(happened: list[Event]) -> str:
    out = io.StringIO()
    display = PlainDisplay(out.write)
    for event in happened:
        display(event)
    display.close()
    return out.getvalue()


def shown_live(happened: list[Event]) -> str:
    out = io.StringIO()
    display = LiveDisplay(Console(file=out, force_terminal=True, width=140, height=50))
    for event in happened:
        display(event)
    display.close()
    return out.getvalue()


def shown_json(happened: list[Event]) -> str:
    out = io.StringIO()
    display = JsonDisplay(out.write)
    for event in happened:
        display(event)
    display.close()
    return out.getvalue()


def test_plain_names_each_change_and_counts_the_rest() -> None:
    """A change is a line with its fields; what stays the same is only in the sum."""
    text = shown_plain(events())
    assert " + kubernetes:core/v1:Secret made created (2.0s)" in text
    assert " ~ kubernetes:core/v1:Secret grown updated (2.0s) [diff: ~spec.hard.cpu]" in text
    assert "kept" not in text
    assert "Resources: + 1 created, ~ 1 updated, 1 unchanged\nDuration: 1m05s" in text
    assert "chatter" not in text


def test_plain_speaks_of_the_future_in_a_preview() -> None:
    """In a preview nothing was done yet."""
    text = shown_plain(events(preview=True))
    assert text.startswith("Previewing update (dev):")
    assert "made create" in text
    assert "+ 1 to create" in text


def test_a_failure_is_shown_with_its_reason() -> None:
    """A failed step names the resource and the reason, in lines and in the tree."""
    assert "Secret refused failed: quota exceeded" in shown_plain(events(ok=False))
    assert "error: refused: quota exceeded" in shown_live(events(ok=False))


def test_live_shows_the_tree_the_messages_and_the_sum() -> None:
    """When the run ends, its tree, its warnings, outputs and counts stay on the screen."""
    text = shown_live(events())
    for part in ("Updating (dev)", "made", "warning: made: careful", "https://a.example.com", "in 1m05s"):
        assert part in text


@pytest.mark.parametrize("show", [shown_plain, shown_live, shown_json])
def test_no_display_shows_a_secret(show: object) -> None:
    """Secrets in states and outputs are replaced in every form of output."""
    assert callable(show)
    text = show(events())
    assert MARKER not in text
    assert "[secret]" in text


def test_json_has_the_shape_of_pulumi_preview() -> None:
    """Scripts find config, steps, diagnostics, duration in nanoseconds and the summary of changes."""
    document = json.loads(shown_json(events(preview=True, command=Command.PREVIEW)))
    assert document["config"] == {"shop:size": "3"}
    assert [entry["op"] for entry in document["steps"]] == ["create", "update"]
    assert document["steps"][1]["detailedDiff"] == {"spec.hard.cpu": {"kind": "update", "inputDiff": True}}
    assert document["steps"][0]["newState"]["inputs"] == {"stringData": "[secret]", "size": "[unknown]"}
    assert document["changeSummary"] == {"create": 1, "same": 1, "update": 1}
    assert document["duration"] == 65_000_000_000
    assert [entry["message"] for entry in document["diagnostics"]] == ["careful"]


def test_json_writes_one_document_for_up() -> None:
    """The preview that `up` makes first is left out, unless it failed and so was all there is."""
    both = events(preview=True) + events()
    assert json.loads(shown_json(both))["result"] == "succeeded"
    assert json.loads(shown_json(events(preview=True, ok=False)))["result"] == "failed"


@pytest.mark.parametrize(
    ("token", "short"),
    [
        ("kubernetes:core/v1:Namespace", "kubernetes:core/v1:Namespace"),
        ("tenantmesh:index:Tenant", "tenantmesh:Tenant"),
        ("random:index/randomPet:RandomPet", "random:RandomPet"),
        ("pulumi:providers:kubernetes", "pulumi:providers:kubernetes"),
        ("odd", "odd"),
    ],
)
def test_types_are_shortened_as_pulumi_does(token: str, short: str) -> None:
    """The module `index` is not shown."""
    assert short_type(token) == short


def test_durations_and_counts_read_well() -> None:
    """Seconds grow into minutes; a run without change says so."""
    assert [elapsed(0.44), elapsed(12.4), elapsed(185)] == ["0.4s", "12s", "3m05s"]
    assert counted({}, preview=False) == ["0 unchanged"]
    assert counted({Op.SAME: 4}, preview=False) == ["4 unchanged"]


def test_a_replacement_is_one_change() -> None:
    """Its two halves are seen as they happen, but neither counted nor listed; left-overs of an earlier run are."""
    whole = {Op.CREATE_REPLACEMENT: 1, Op.REPLACE: 1, Op.DELETE_REPLACED: 1, Op.SAME: 2}
    assert counted(whole, preview=True) == ["+- 1 to replace", "2 unchanged"]
    assert counted({Op.DELETE_REPLACED: 1}, preview=True) == ["-- 1 to delete original"]
    ops = [Op.CREATE_REPLACEMENT, Op.REPLACE, Op.DELETE_REPLACED]
    start, *_, end = events(preview=True, command=Command.PREVIEW)
    document = json.loads(shown_json([start, *(StepDone(step=step(op, "pet")) for op in ops), end]))
    assert [entry["op"] for entry in document["steps"]] == ["replace"]

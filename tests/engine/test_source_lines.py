"""The line of a program that an object comes from: its author's, not that of the library in between."""

import sys
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pulumi
import pytest
from msgspec.structs import replace

import tenantmesh as tm
from tenantmesh.engine.evaluate import Evaluation, evaluate
from tenantmesh.engine.events import Command
from tenantmesh.engine.memory import MemoryStore
from tenantmesh.engine.options import RunOptions
from tenantmesh.engine.positions import SourcePositions
from tenantmesh.engine.program import ChildProgram
from tenantmesh.engine.project.project import Project, StackConfig
from tenantmesh.engine.providers import BuiltInProviders
from tenantmesh.engine.resource import Snapshot
from tenantmesh.engine.run import run
from tests.engine.fakes import Thing
from tests.engine.harness import Stack, done

HERE = Path(__file__)
LIBRARY = Path(tm.__file__).parent


def frame(path, line):
    return SimpleNamespace(uri=Path(path).as_uri(), line=line, column=0)


def request(*frames):
    """What the SDK sends, from the innermost frame on."""
    trace = SimpleNamespace(frames=[SimpleNamespace(pc=one) for one in frames])
    return SimpleNamespace(stackTrace=trace, sourcePosition=frames[0] if frames else SimpleNamespace(uri=""))


def tenant():
    return tm.Tenant("acme", tm.TenantArgs())


def test_children_of_a_tenant_have_the_line_that_makes_the_tenant():
    made = evaluate(lambda: tenant() and None, root=HERE.parent)
    assert made.ok, made.failures
    line = tenant.__code__.co_firstlineno + 1
    assert {one.source for one in made.manifest} == {f"{HERE.name}:{line}"}


def test_an_object_that_is_made_after_waiting_has_the_line_that_makes_it():
    class ConfigMap(pulumi.CustomResource):
        def __init__(self, name):
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "acme"}}
            super().__init__("kubernetes:core/v1:ConfigMap", name, body)

    async def program():
        name = await pulumi.Output.from_input("late").future()
        ConfigMap(name)

    made = evaluate(program, root=HERE.parent)
    assert made.ok, made.failures
    (one,) = made.manifest
    assert one.source == f"{HERE.name}:{program.__code__.co_firstlineno + 2}"


def thing():
    Thing("thing", {"size": 1})


def test_a_line_which_no_checkpoint_keeps_makes_no_record_new():
    stack = Stack()
    done(stack.up(thing))
    assert stack.state("thing").program_line.endswith(f"{HERE.name}:{thing.__code__.co_firstlineno + 1}")
    loaded = tuple(replace(one, program_line="") for one in stack.store.snapshot.resources)
    stack.store = MemoryStore("project", "dev", Snapshot(resources=loaded))
    assert done(stack.up(thing)) == {}
    assert [id(one) for one in stack.store.snapshot.resources] == [id(one) for one in loaded]


@pytest.fixture
def project(tmp_path):
    """A project in whose program a helper makes one tenant and the main module another."""

    def write(main):
        folder = tmp_path / main
        folder.mkdir(exist_ok=True)
        (tmp_path / "Pulumi.yaml").write_text(f"name: lines\nruntime: python\nmain: {main}\n")
        (folder / "__main__.py").write_text(
            dedent("""\
            import tenantmesh as tm
            from team import team

            tm.Tenant(
                "main",
                tm.TenantArgs(),
            )
            team()
            """)
        )
        (folder / "team.py").write_text('import tenantmesh as tm\n\n\ndef team():\n    tm.Tenant("helped")\n')
        return tmp_path

    return write


def in_child(folder: Path) -> tuple[Evaluation, MemoryStore]:
    found = Project.load(folder)
    store = MemoryStore(found.name, "dev")
    stack = StackConfig(
        file=folder / "Pulumi.dev.yaml",
        salt="",
        stored={},
        values={"tenantmesh:domain": "a.b"},
        secret_keys=frozenset(),
    )
    result = run(
        Command.PREVIEW,
        project=found,
        store=store,
        config=stack,
        program=ChildProgram(main=found.program, root=found.folder, interpreter=Path(sys.executable)),
        providers=BuiltInProviders(),
        sink=lambda _event: None,
        options=RunOptions(skip_preview=True),
    )
    return Evaluation(ok=result.ok, resources=result.resources, outputs=result.outputs), store


@pytest.mark.parametrize(("main", "prefix"), [("app", "app/"), (".", "")])
def test_a_program_in_its_own_interpreter_gives_the_same_lines_relative_to_the_project(project, main, prefix):
    made, _ = in_child(project(main))
    assert made.ok, made.failures
    lines = {one.key.name: one.source for one in made.manifest if one.key.kind == "Namespace"}
    assert lines["main"] == f"{prefix}__main__.py:4"
    assert lines["helped"] == f"{prefix}team.py:5"
    assert {one.source for one in made.manifest} == set(lines.values())


def test_what_the_checkpoint_keeps_is_the_sdks_own_position(project):
    made, _ = in_child(project("app"))
    stored = {state.source_position.partition("#")[0] for state in made.resources if "kind" in state.inputs}
    assert stored == {f"project://{LIBRARY.as_posix()}/components/objects.py"}


ROOT = Path("/projects/ann/shop")
PROGRAM = (ROOT / "app" / "web.py", 7)
INSTALLED = (ROOT / ".venv" / "lib" / "python3.11" / "site-packages" / "tenantmesh" / "objects.py", 70)
OWN = (LIBRARY / "components" / "objects.py", 70)
STANDARD = (Path("/usr/lib/python3.11/asyncio/events.py"), 84)
BESIDE = (ROOT / "libs" / "web.py", 3)
ELSEWHERE = (Path("/projects/ann/libs/web.py"), 9)


@pytest.mark.parametrize(
    ("frames", "line"),
    [
        ([INSTALLED, PROGRAM, (ROOT / "app" / "__main__.py", 2)], "app/web.py:7"),
        ([OWN, PROGRAM], "app/web.py:7"),
        ([INSTALLED, BESIDE, PROGRAM], "app/web.py:7"),
        ([OWN, STANDARD, BESIDE, ELSEWHERE], "libs/web.py:3"),
        ([OWN, STANDARD, ELSEWHERE], "/projects/ann/libs/web.py:9"),
        ([OWN, STANDARD], f"{OWN[0].as_posix()}:70"),
        ([], ""),
    ],
)
def test_the_nearest_frame_to_the_programs_author_counts_and_of_those_the_innermost(frames, line):
    positions = SourcePositions(ROOT, ROOT / "app")
    assert positions.line(request(*(frame(*one) for one in frames))) == line


def test_a_project_that_lies_in_a_folder_named_like_pythons_is_nobodys_package():
    root = Path("/srv/python3/site-packages/shop")
    assert SourcePositions(root).line(request(frame(*OWN), frame(root / "__main__.py", 4))) == "__main__.py:4"


def test_an_sdk_that_sends_no_stack_trace_gives_its_only_position():
    only = SimpleNamespace(sourcePosition=frame(ROOT / "app" / "web.py", 7))
    assert SourcePositions(ROOT).line(only) == "app/web.py:7"

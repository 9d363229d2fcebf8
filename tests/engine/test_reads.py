"""What a program reads: resources of others, other stacks, functions, its own resources."""

import pulumi
import pytest
from pulumi.runtime.proto import resource_pb2

from tenantmesh.engine.events import Op
from tenantmesh.engine.monitor.monitor import Monitor
from tenantmesh.engine.values import UNKNOWN, Secret
from tenantmesh.engine.wire import UNKNOWN_TEXT
from tenantmesh.errors import StateError
from tests.engine.fakes import Group, Thing
from tests.engine.harness import Stack, done


class Gotten(pulumi.CustomResource):
    """A resource that is read by its id."""

    made: pulumi.Output[str]

    def __init__(self, name: str, identifier: pulumi.Input[str]) -> None:
        super().__init__("fake:index:Thing", name, {"made": None, "size": None}, pulumi.ResourceOptions(id=identifier))


def test_a_resource_of_somebody_else_is_read_and_never_deleted():
    stack = Stack()
    stack.cloud.things["theirs"] = {"size": 7}
    result = stack.up(lambda: pulumi.export("made", Gotten("one", "theirs").made))
    assert done(result) == {"one": [Op.READ]}
    assert result.outputs == {"made": "theirs"}
    assert stack.state("one").external
    assert done(stack.up(lambda: None)) == {"one": [Op.DISCARD]}
    assert stack.cloud.things == {"theirs": {"size": 7}}


def test_a_preview_reads_too_but_not_with_an_id_that_is_not_known_yet():
    stack = Stack()
    stack.cloud.things["theirs"] = {"size": 7}

    def program() -> None:
        pulumi.export("known", Gotten("one", "theirs").made)
        pulumi.export("unknown", Gotten("two", Thing("three").made).made)

    result = stack.preview(program)
    assert result.ok, result.failures
    assert result.outputs == {"known": "theirs", "unknown": UNKNOWN}


def test_reading_what_is_not_there_fails():
    result = Stack().up(lambda: Gotten("one", "nowhere"))
    assert "resource 'nowhere' does not exist" in result.failures


def test_to_read_what_one_managed_deletes_the_managed_one():
    stack = Stack()
    stack.cloud.things["theirs"] = {"size": 7}
    stack.up(lambda: Thing("one", {"size": 1}))
    result = stack.up(lambda: Gotten("one", "theirs"))
    assert done(result) == {"one": [Op.READ_REPLACEMENT, Op.REPLACE, Op.DELETE_REPLACED]}
    assert list(stack.cloud.things) == ["theirs"]


def test_to_manage_what_one_read_makes_a_new_one():
    stack = Stack()
    stack.cloud.things["theirs"] = {"size": 7}
    stack.up(lambda: Gotten("one", "theirs"))
    result = stack.up(lambda: Thing("one", {"size": 1}))
    assert done(result) == {"one": [Op.CREATE_REPLACEMENT, Op.REPLACE, Op.DISCARD]}
    assert set(stack.cloud.things) == {"theirs", stack.state("one").id}


def outputs_of(name: str) -> dict[str, object]:
    if name != "organization/other/dev":
        raise StateError(f"no stack {name}")
    return {"host": "example.com", "password": Secret("sesame")}


def referring(name: str) -> None:
    other = pulumi.StackReference(name)
    pulumi.export("host", other.get_output("host"))
    pulumi.export("password", other.get_output("password"))


def test_a_stack_reference_gives_the_other_stacks_outputs_and_keeps_its_secrets():
    result = Stack().up(lambda: referring("organization/other/dev"), outputs=outputs_of)
    assert result.ok, result.failures
    assert result.outputs == {"host": "example.com", "password": Secret("sesame")}


def test_a_reference_to_a_stack_that_is_not_there_fails():
    result = Stack().up(lambda: referring("organization/none/dev"), outputs=outputs_of)
    assert "no stack organization/none/dev" in result.failures


def test_a_function_is_called_and_a_secret_argument_makes_its_result_secret():
    def program() -> None:
        secret = pulumi.Output.secret("sesame")
        pulumi.export("plain", pulumi.runtime.invoke_output("fake:index:echo", {"value": 1}).apply(lambda r: r["echo"]))
        pulumi.export(
            "secret", pulumi.runtime.invoke_output("fake:index:echo", {"value": secret}).apply(lambda r: r["echo"])
        )

    assert Stack().up(program).outputs == {"plain": 1, "secret": Secret("sesame")}


def test_a_function_that_fails_says_why():
    def program() -> None:
        pulumi.runtime.invoke("fake:index:echo", {"fail": "bread"})

    result = Stack().up(program)
    assert not result.ok
    assert "no bread" in result.failures[0]


@pytest.mark.parametrize("way", ["argument", "depends_on"])
def test_a_function_waits_for_what_is_only_planned(way):
    def program() -> None:
        one = Thing("one")
        value = one.made if way == "argument" else 1
        options = pulumi.InvokeOutputOptions(depends_on=[one]) if way == "depends_on" else None
        called = pulumi.runtime.invoke_output("fake:index:echo", {"value": value}, options)
        pulumi.export("echo", called.apply(lambda result: result["echo"]))

    stack = Stack()
    assert stack.preview(program).outputs == {"echo": UNKNOWN}
    assert ("invoke", "fake:index:echo") not in stack.cloud.calls
    assert stack.up(program).ok
    assert ("invoke", "fake:index:echo") in stack.cloud.calls


def test_a_resource_as_a_value_can_be_looked_up():
    class Holder(pulumi.ComponentResource):
        def __init__(self, name: str, thing: Thing) -> None:
            super().__init__("test:index:Holder", name, {"thing": thing})
            self.register_outputs({"thing": thing})

    def program() -> None:
        thing = Thing("one", {"size": 1})
        Holder("holder", thing)
        Group("last")

    stack = Stack()
    assert stack.up(program).ok
    reference = stack.state("holder").outputs["thing"]
    assert reference.urn == stack.state("one").urn
    assert reference.id == stack.state("one").id


@pytest.mark.skipif(not hasattr(resource_pb2, "ExistsResourceRequest"), reason="this SDK can't ask it")
def test_a_program_may_ask_whether_something_exists():
    stack = Stack()
    stack.cloud.things["theirs"] = {"size": 7}
    found: dict[str, bool] = {}

    class Asking:
        """Asks the monitor in place of a program."""

        def run(self, monitor: Monitor, _surroundings: object) -> None:
            for identifier in ("theirs", "nobodys"):
                request = resource_pb2.ExistsResourceRequest(type="fake:index:Thing", id=identifier)
                found[identifier] = monitor.ExistsResource(request).exists
            unknown = resource_pb2.ExistsResourceRequest(type="fake:index:Thing", id=UNKNOWN_TEXT)
            assert monitor.ExistsResource(unknown).unknown

        def interrupt(self) -> None:
            pass

    assert stack.inspect(Asking()).ok
    assert found == {"theirs": True, "nobodys": False}

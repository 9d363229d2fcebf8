"""A resource from its preview to its end."""

import pulumi

from tenantmesh.engine.events import Command, Op
from tenantmesh.engine.values import UNKNOWN, Secret
from tests.engine.fakes import Group, Thing, ops
from tests.engine.harness import Stack, done


def two(size: int = 1) -> None:
    group = Group("group")
    first = Thing("first", {"size": size}, pulumi.ResourceOptions(parent=group))
    second = Thing("second", {"from": first.made}, pulumi.ResourceOptions(parent=group))
    group.register_outputs({"made": second.made})
    pulumi.export("made", second.made)


def test_a_preview_changes_nothing_and_knows_what_it_can_not_know():
    stack = Stack()
    result = stack.preview(two)
    assert done(result) == {"group": [Op.CREATE], "first": [Op.CREATE], "second": [Op.CREATE]}
    assert result.outputs == {"made": UNKNOWN}
    assert not stack.cloud.things
    assert not stack.store.snapshot.resources


def test_up_creates_in_the_order_of_the_dependencies():
    stack = Stack()
    result = stack.up(two)
    assert result.ok
    assert stack.cloud.called("create") == ["first", "second"]
    assert stack.names() == ["group", "first", "second"]
    assert result.outputs == {"made": stack.state("second").outputs["made"]}


def test_a_second_up_changes_nothing():
    stack = Stack()
    stack.up(two)
    before = stack.store.snapshot
    result = stack.up(two)
    assert done(result) == {}
    assert stack.store.snapshot == before


def test_one_changed_input_updates_one_resource():
    stack = Stack()
    stack.up(two)
    result = stack.up(lambda: two(2))
    assert done(result) == {"first": [Op.UPDATE]}
    assert stack.cloud.things[stack.state("first").id] == {"size": 2}


def test_what_the_program_no_longer_has_is_deleted_dependents_first():
    stack = Stack()
    stack.up(two)
    result = stack.up(lambda: pulumi.export("none", 0))
    assert done(result) == {"second": [Op.DELETE], "first": [Op.DELETE], "group": [Op.DELETE]}
    assert stack.cloud.called("delete") == ["second", "first"]
    assert not stack.cloud.things


def test_destroy_needs_no_program_and_leaves_nothing():
    stack = Stack()
    stack.up(two)
    result, events = stack.command(Command.DESTROY)
    assert result.ok
    assert list(ops(events)) == ["second", "first", "group"]
    assert not stack.store.snapshot.resources
    assert not stack.cloud.things


def test_up_previews_first_and_stops_when_the_answer_is_no():
    stack = Stack()
    asked: list[object] = []

    def no(changes: object) -> bool:
        asked.append(changes)
        return False

    result = stack.up(two, skip_preview=False, confirm=no)
    assert not result.ok
    assert len(asked) == 1
    assert not stack.cloud.things


def test_a_default_provider_is_made_as_the_real_engine_does():
    stack = Stack(config={"fake:region": "north", "fake:token": "sesame"}, secret_keys=frozenset({"fake:token"}))
    stack.up(lambda: Thing("one", opts=pulumi.ResourceOptions(version="1.2.3-rc.1")))
    provider = next(one for one in stack.store.snapshot.resources if one.type == "pulumi:providers:fake")
    assert provider.urn == "urn:pulumi:dev::project::pulumi:providers:fake::default_1_2_3_rc_1"
    assert provider.inputs == {"region": "north", "token": Secret("sesame"), "version": "1.2.3-rc.1", "__internal": {}}
    assert provider.outputs == {"region": "north", "token": Secret("sesame"), "version": "1.2.3-rc.1"}
    assert stack.state("one").provider == f"{provider.urn}::{provider.id}"
    assert stack.cloud.configured == [{"region": "north", "token": "sesame", "version": "1.2.3-rc.1"}]

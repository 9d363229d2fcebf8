"""What resource options do."""

import pulumi
import pytest

from tenantmesh.engine.events import Command, Op
from tenantmesh.engine.resource import CustomTimeouts
from tenantmesh.engine.urn import make
from tenantmesh.engine.values import Secret
from tests.engine.fakes import Group, Thing
from tests.engine.harness import Stack, done


def thing(name: str = "one", **options: object):
    props = {key: options.pop(key) for key in ("size", "data", "forces") if key in options}
    return Thing(name, props, pulumi.ResourceOptions(**options))


def test_ignored_changes_keep_the_old_value():
    stack = Stack()
    stack.up(lambda: thing(size=1, data={"a": 1, "b": 1}))
    result = stack.up(lambda: thing(size=2, data={"a": 2, "b": 2}, ignore_changes=["size", "data.a"]))
    assert done(result) == {"one": [Op.UPDATE]}
    assert stack.state("one").inputs == {"size": 1, "data": {"a": 1, "b": 2}}
    assert stack.state("one").ignore_changes == ("size", "data.a")


def test_a_protected_resource_is_not_deleted_nor_what_it_needs():
    def program(*, protect: bool) -> None:
        first = thing("one", size=1)
        thing("two", depends_on=[first], protect=protect)
        thing("three", size=1)

    stack = Stack()
    stack.up(lambda: program(protect=True))
    result = stack.up(lambda: None)
    assert not result.ok
    assert "two" in result.failures[0]
    assert stack.names() == ["one", "two"]
    stack.up(lambda: program(protect=False))
    assert stack.up(lambda: None).ok
    assert not stack.cloud.things


def test_destroy_respects_protection():
    stack = Stack()
    stack.up(lambda: thing(protect=True))
    result, _events = stack.command(Command.DESTROY)
    assert not result.ok
    assert stack.names() == ["one"]


def test_a_retained_resource_is_forgotten_but_stays():
    stack = Stack()
    stack.up(lambda: thing(retain_on_delete=True))
    assert done(stack.up(lambda: None)) == {"one": [Op.DELETE]}
    assert stack.names() == []
    assert len(stack.cloud.things) == 1


def test_a_resource_deleted_with_another_is_not_deleted_by_itself():
    def program() -> None:
        thing("two", deleted_with=thing("one"))

    stack = Stack()
    stack.up(program)
    stack.up(lambda: None)
    assert stack.cloud.called("delete") == ["one"]
    assert stack.names() == []


def test_children_inherit_protection_and_retention():
    def program() -> None:
        group = Group("group", pulumi.ResourceOptions(protect=True))
        thing("one", parent=group)
        thing("two", parent=group, protect=False)

    stack = Stack()
    stack.up(program)
    assert stack.state("one").protect
    assert not stack.state("two").protect


def test_additional_secret_outputs_are_secret():
    stack = Stack()
    stack.up(lambda: thing(size=1, additional_secret_outputs=["made", "nothing"]))
    assert isinstance(stack.state("one").outputs["made"], Secret)
    assert stack.state("one").outputs["size"] == 1


def test_custom_timeouts_reach_the_state_in_seconds():
    stack = Stack()
    stack.up(lambda: thing(custom_timeouts=pulumi.CustomTimeouts(create="1h30m", update="90s", delete="500ms")))
    assert stack.state("one").custom_timeouts == CustomTimeouts(create=5400, update=90, delete=0.5)


def test_a_malformed_timeout_is_refused():
    result = Stack().up(lambda: thing(custom_timeouts=pulumi.CustomTimeouts(create="soon")))
    assert "'soon' is not a duration" in result.failures[0]


def test_changed_options_alone_do_not_touch_the_resource():
    stack = Stack()
    stack.up(lambda: thing(size=1))
    stack.cloud.calls.clear()
    result = stack.up(lambda: thing(size=1, protect=True, hide_diffs=["size"]))
    assert done(result) == {}
    assert stack.state("one").protect
    assert stack.state("one").hide_diff == ("size",)
    assert stack.cloud.called("update", "create") == []


ALIASES = {
    "by name": pulumi.Alias(name="old"),
    "by URN": make("dev", "project", "", "fake:index:Thing", "old"),
}


@pytest.mark.parametrize("alias", ALIASES.values(), ids=ALIASES.keys())
def test_a_renamed_resource_is_found_by_its_alias(alias):
    stack = Stack()
    stack.up(lambda: thing("old", size=1))
    identifier = stack.state("old").id
    assert done(stack.up(lambda: thing("new", size=1, aliases=[alias]))) == {}
    assert stack.names() == ["new"]
    assert stack.state("new").id == identifier
    assert done(stack.up(lambda: thing("new", size=2))) == {"new": [Op.UPDATE]}


def test_an_alias_may_name_an_old_type_and_an_old_parent():
    def before() -> None:
        Thing("one", {}, pulumi.ResourceOptions(parent=Group("group")), kind="Old")

    def after() -> None:
        parent = make("dev", "project", "", "test:index:Group", "group")
        Thing("one", {}, pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="fake:index:Old", parent=parent)]))

    stack = Stack()
    stack.up(before)
    assert done(stack.up(after)) == {"group": [Op.DELETE]}
    assert len(stack.cloud.things) == 1


def test_children_are_found_through_the_alias_of_their_parent():
    def program(name: str, alias: str | None = None) -> None:
        options = pulumi.ResourceOptions(aliases=[pulumi.Alias(name=alias)] if alias else None)
        group = Group(name, options)
        inner = Group(f"{name}-inner", pulumi.ResourceOptions(parent=group))
        Thing(f"{name}-inner-thing", {"size": 1}, pulumi.ResourceOptions(parent=inner))

    stack = Stack()
    stack.up(lambda: program("old"))
    assert done(stack.up(lambda: program("new", "old"))) == {}
    assert stack.names() == ["new", "new-inner", "new-inner-thing"]
    assert len(stack.cloud.things) == 1


def test_two_resources_can_not_be_the_same_old_one():
    def program() -> None:
        thing("new", aliases=[pulumi.Alias(name="old")])
        thing("newer", aliases=[pulumi.Alias(name="old")])

    stack = Stack()
    stack.up(lambda: thing("old"))
    result = stack.up(program)
    assert not result.ok
    assert "alias" in result.failures[0]


def test_what_depends_on_a_renamed_resource_stays_whole_when_the_run_fails():
    def before() -> None:
        first = thing("old", size=1)
        Thing("two", {"from": first.made})

    def after() -> None:
        thing("new", size=1, aliases=[pulumi.Alias(name="old")])
        raise ValueError("too early")

    stack = Stack()
    stack.up(before)
    result = stack.up(after)
    assert not result.ok
    # The harness checks that `two` depends on nothing that isn't there.
    assert set(stack.names()) == {"new", "two"}


def imported(stack: Stack, **inputs: object):
    stack.cloud.things["found-1"] = {"size": 1, "forces": 1}
    return stack.up(lambda: thing(import_="found-1", **inputs))


def test_an_import_takes_over_what_exists():
    stack = Stack()
    assert done(imported(stack, size=1, forces=1)) == {"one": [Op.IMPORT]}
    assert stack.state("one").id == "found-1"
    assert stack.state("one").import_id == "found-1"
    assert done(imported(stack, size=1, forces=1)) == {}
    assert stack.cloud.called("create", "update") == []


def test_an_import_with_other_inputs_is_updated_to_them():
    stack = Stack()
    assert done(imported(stack, size=2, forces=1)) == {"one": [Op.IMPORT, Op.UPDATE]}
    assert stack.cloud.things["found-1"] == {"size": 2, "forces": 1}


def test_an_import_whose_inputs_would_replace_it_fails():
    stack = Stack()
    result = imported(stack, size=1, forces=2)
    assert not result.ok
    assert "import" in result.failures[0]
    assert stack.cloud.things == {"found-1": {"size": 1, "forces": 1}}


def test_an_import_of_what_does_not_exist_fails():
    result = Stack().up(lambda: thing(import_="nowhere"))
    assert result.failures == ("resource 'nowhere' does not exist",)

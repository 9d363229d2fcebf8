"""Which provider a resource gets, and what a change of it does."""

from importlib.metadata import version

import pulumi
import pytest

from tenantmesh.engine.evaluate import evaluate
from tenantmesh.engine.events import Command, Op
from tests.engine.fakes import FakeCloudProvider, Group, Thing
from tests.engine.harness import Stack, done

REPLACED = [Op.CREATE_REPLACEMENT, Op.REPLACE, Op.DELETE_REPLACED]


def used(stack: Stack, name: str) -> str:
    """The name of the provider that a resource has."""
    return stack.state(name).provider.rpartition("::")[0].rpartition("::")[2]


def test_an_explicit_provider_is_configured_with_its_inputs():
    def program() -> None:
        provider = FakeCloudProvider("mine", {"region": "south", "token": pulumi.Output.secret("sesame")})
        Thing("one", {"size": 1}, pulumi.ResourceOptions(provider=provider))

    stack = Stack()
    stack.up(program)
    assert used(stack, "one") == "mine"
    assert stack.cloud.configured[-1] == {"region": "south", "token": "sesame"}
    assert done(stack.up(program)) == {}


def test_a_component_hands_its_providers_down():
    def program() -> None:
        provider = FakeCloudProvider("mine")
        outer = Group("outer", pulumi.ResourceOptions(providers=[provider]))
        inner = Group("inner", pulumi.ResourceOptions(parent=outer))
        Thing("one", opts=pulumi.ResourceOptions(parent=inner))
        Thing("two")

    stack = Stack()
    stack.up(program)
    assert used(stack, "one") == "mine"
    assert used(stack, "two") == "default"
    assert stack.state("outer").provider == ""


def test_a_custom_resource_hands_its_provider_to_its_children():
    def program() -> None:
        first = Thing("one", opts=pulumi.ResourceOptions(provider=FakeCloudProvider("mine")))
        Thing("two", opts=pulumi.ResourceOptions(parent=first))

    stack = Stack()
    stack.up(program)
    assert used(stack, "two") == "mine"


@pytest.mark.parametrize(("key", "outcome"), [("region", {"one": REPLACED}), ("note", {})])
def test_a_new_configuration_replaces_resources_only_if_the_provider_says_so(key, outcome):
    def program(value: str) -> None:
        provider = FakeCloudProvider("mine", {key: value})
        Thing("one", {"size": 1}, pulumi.ResourceOptions(provider=provider))

    stack = Stack()
    stack.up(lambda: program("a"))
    assert done(stack.up(lambda: program("b"))) == outcome


def test_a_newer_default_provider_takes_the_resources_over():
    def program(version: str) -> None:
        Thing("one", {"size": 1}, pulumi.ResourceOptions(version=version))

    stack = Stack()
    stack.up(lambda: program("1.0.0"))
    assert done(stack.up(lambda: program("1.1.0"))) == {}
    assert used(stack, "one") == "default_1_1_0"
    assert [one.urn.rpartition("::")[2] for one in stack.store.snapshot.resources if "providers" in one.type] == [
        "default_1_1_0"
    ]


def test_destroy_deletes_with_the_provider_in_the_state():
    def program() -> None:
        Thing("one", opts=pulumi.ResourceOptions(provider=FakeCloudProvider("mine", {"region": "south"})))

    stack = Stack()
    stack.up(program)
    stack.cloud.configured.clear()
    result, _events = stack.command(Command.DESTROY)
    assert result.ok
    assert stack.cloud.configured == [{"region": "south"}]
    assert not stack.cloud.things


def test_default_providers_can_be_forbidden():
    stack = Stack(config={"pulumi:disable-default-providers": '["fake"]'})
    result = stack.up(lambda: Thing("one"))
    assert not result.ok
    assert "default provider of fake is disabled" in result.failures[0]


def test_an_unknown_configuration_is_fine_in_a_preview():
    def program() -> None:
        first = Thing("one")
        provider = FakeCloudProvider("mine", {"region": first.made})
        Thing("two", opts=pulumi.ResourceOptions(provider=provider))

    stack = Stack()
    assert stack.preview(program).ok
    assert stack.up(program).ok
    assert stack.cloud.configured[-1] == {"region": stack.state("one").outputs["made"]}


def test_a_resource_without_a_version_gets_that_of_the_installed_sdk():
    """As under the Pulumi CLI, so that taking a stack over makes no second provider."""

    def program() -> None:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "acme"}}
        pulumi.CustomResource("kubernetes:core/v1:Namespace", "acme", body)

    made = [state.urn for state in evaluate(program).resources if "providers:kubernetes" in state.urn]
    assert [urn.rpartition("::")[2] for urn in made] == [f"default_{version('pulumi-kubernetes').replace('.', '_')}"]

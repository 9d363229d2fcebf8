"""Transforms of resources and of function calls."""

import pulumi

from tests.engine.fakes import Group, Thing
from tests.engine.harness import Stack, done


def adding(key: str, value: object):
    def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != "fake:index:Thing":
            return None
        order = [*args.props.get("order", []), key]
        return pulumi.ResourceTransformResult({**args.props, key: value, "order": order}, args.opts)

    return transform


def test_transforms_run_from_the_resource_over_its_parents_to_the_stack():
    def program() -> None:
        pulumi.runtime.register_resource_transform(adding("stack", 1))
        outer = Group("outer", pulumi.ResourceOptions(transforms=[adding("outer", 1)]))
        inner = Group("inner", pulumi.ResourceOptions(parent=outer, transforms=[adding("inner", 1)]))
        Thing("one", {"size": 1}, pulumi.ResourceOptions(parent=inner, transforms=[adding("own", 1)]))
        Thing("two", {"size": 1})

    stack = Stack()
    assert stack.up(program).ok
    assert stack.state("one").inputs["order"] == ["own", "inner", "outer", "stack"]
    assert stack.state("two").inputs == {"size": 1, "stack": 1, "order": ["stack"]}
    assert done(stack.up(program)) == {}


def test_a_transform_may_change_options():
    def protecting(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        options = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True, ignore_changes=["size"]))
        return pulumi.ResourceTransformResult(args.props, options)

    stack = Stack()
    assert stack.up(lambda: Thing("one", {"size": 1}, pulumi.ResourceOptions(transforms=[protecting]))).ok
    assert stack.state("one").protect
    assert stack.state("one").ignore_changes == ("size",)


def test_dependencies_and_secrets_survive_a_transform():
    def program() -> None:
        pulumi.runtime.register_resource_transform(adding("seen", 1))
        first = Thing("one", {"size": 1})
        Thing("two", {"from": first.made, "word": pulumi.Output.secret("sesame")})

    stack = Stack()
    assert stack.up(program).ok
    two = stack.state("two")
    assert two.property_dependencies["from"] == (stack.state("one").urn,)
    assert repr(two.inputs["word"]) == "[secret]"
    assert two.inputs["from"] == stack.state("one").outputs["made"]


def test_a_failing_transform_fails_the_run_with_its_message():
    def failing(_args: pulumi.ResourceTransformArgs) -> None:
        raise ValueError("not like this")

    result = Stack().up(lambda: Thing("one", opts=pulumi.ResourceOptions(transforms=[failing])))
    assert not result.ok
    assert "not like this" in result.failures[0]


def test_function_calls_are_transformed():
    def doubling(args: pulumi.InvokeTransformArgs) -> pulumi.InvokeTransformResult:
        return pulumi.InvokeTransformResult({**args.args, "value": args.args["value"] * 2}, args.opts)

    def program() -> None:
        pulumi.runtime.register_invoke_transform(doubling)
        pulumi.export("echo", pulumi.runtime.invoke("fake:index:echo", {"value": 21}).value["echo"])

    assert Stack().up(program).outputs == {"echo": 42}

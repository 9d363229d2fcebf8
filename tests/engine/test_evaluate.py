"""Evaluation of a program in this process."""

from pathlib import Path

import pulumi

from tenantmesh.engine.evaluate import evaluate
from tenantmesh.engine.values import UNKNOWN, Secret
from tests.engine.fakes import Cloud, FakeSource, Thing

HERE = Path(__file__).parent


class ConfigMap(pulumi.CustomResource):
    """A Kubernetes object as plain properties."""

    def __init__(self, name: str, data: dict[str, pulumi.Input[str]]) -> None:
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "acme"}, "data": data}
        super().__init__("kubernetes:core/v1:ConfigMap", name, body)


def test_kubernetes_objects_come_out_with_their_urn_and_source_sorted_by_key():
    def program() -> None:
        ConfigMap("zeta", {"port": "8443"})
        ConfigMap("alpha", {"made": Thing("one").made, "word": pulumi.Output.secret("sesame")})

    result = evaluate(program, providers=FakeSource(Cloud()), root=HERE)
    assert result.ok, result.failures
    alpha, zeta = result.manifest
    assert (alpha.key.name, zeta.key.name) == ("alpha", "zeta")
    assert alpha.body["data"] == {"made": UNKNOWN, "word": Secret("sesame")}
    assert zeta.urn == "urn:pulumi:dev::project::kubernetes:core/v1:ConfigMap::zeta"
    assert zeta.source == "test_evaluate.py:24"


def test_evaluations_know_nothing_of_each_other():
    def program(word: str) -> None:
        pulumi.export("word", pulumi.Config().require("word"))
        pulumi.export("stack", pulumi.get_stack())
        pulumi.runtime.register_resource_transform(
            lambda args: pulumi.ResourceTransformResult({**args.props, word: 1}, args.opts)
        )
        Thing("one", {"size": 1})

    for word in ("first", "second", "third"):
        cloud = Cloud()
        result = evaluate(
            lambda word=word: program(word),
            stack=word,
            config={"project:word": word},
            providers=FakeSource(cloud),
        )
        assert result.ok, result.failures
        assert result.outputs == {"word": word, "stack": word}
        assert cloud.seen_inputs == [{"size": 1, word: 1}]
    assert pulumi.get_stack() != "third"
    assert pulumi.runtime.settings.get_monitor() is None


def test_a_program_may_be_asynchronous():
    async def program() -> None:
        pulumi.export("made", await Thing("one", {"size": 1}).__dict__["urn"].future())

    result = evaluate(program, providers=FakeSource(Cloud()))
    assert result.outputs == {"made": "urn:pulumi:dev::project::fake:index:Thing::one"}


def test_a_failure_is_in_the_result_with_the_programs_traceback():
    def program() -> None:
        raise ValueError("too bad")

    result = evaluate(program, providers=FakeSource(Cloud()))
    assert not result.ok
    (message,) = result.failures
    assert "too bad" in message
    assert "test_evaluate.py" in message

"""Previews are the server's dry runs, where it can answer, and tell what it would refuse."""

import uuid

import pytest

from tenantmesh.engine.values import UNKNOWN
from tenantmesh.errors import ProviderError
from tests.engine.providers.kubernetes.others import MAP

pytestmark = pytest.mark.controlplane


def test_a_preview_is_the_servers_dry_run(kube):
    inputs = kube.inputs("core/v1:Service", "a", spec={"ports": [{"port": 80}]})
    outputs = kube.preview("core/v1:Service", inputs)
    assert outputs["spec"]["type"] == "ClusterIP"
    assert outputs["spec"]["ports"][0]["protocol"] == "TCP"
    assert "status" not in outputs
    assert kube.live("core/v1:Service", "a") is None


def test_a_preview_of_a_change_is_the_servers_dry_run(kube):
    made = kube.create(MAP, kube.inputs(MAP, "a", data={"a": "1"}))
    wanted = kube.inputs(MAP, "a", data={"a": "2"})
    assert kube.update(MAP, made, wanted, preview=True).outputs["data"] == {"a": "2"}
    assert kube.live(MAP, "a").outputs["data"] == {"a": "1"}


@pytest.mark.parametrize("inputs", [{"data": {"a": UNKNOWN}}, {"metadata": {"namespace": "not-there-yet"}}])
def test_a_preview_that_the_server_can_not_answer_is_the_inputs(kube, inputs):
    checked = kube.inputs(MAP, "a", **inputs)
    assert kube.preview(MAP, checked) == checked


def test_a_preview_of_an_object_that_exists_does_not_fail(kube):
    """It may be replaced under its name, which only the engine knows."""
    inputs = kube.inputs(MAP, "a", data={"a": "1"})
    kube.create(MAP, inputs)
    assert kube.preview(MAP, inputs) == inputs


def test_a_bad_body_fails_the_preview_in_the_servers_words(kube):
    inputs = kube.inputs("core/v1:Service", "a", spec={"ports": [{"port": 99999}]})
    with pytest.raises(ProviderError, match=r"Service .*/a: .*spec\.ports\[0\]\.port: Invalid value: 99999"):
        kube.preview("core/v1:Service", inputs)
    misspelt = kube.inputs("core/v1:Service", "a", spec={"prots": []})
    with pytest.raises(ProviderError, match=r"\.spec\.prots: field not declared in schema"):
        kube.preview("core/v1:Service", misspelt)


def test_a_missing_kind_is_named_with_its_definition_at_the_preview(kube):
    inputs = kube.inputs("networking.example.io/v1:Gateway", "a", spec={})
    for _ in range(3):
        with pytest.raises(ProviderError, match=r"CustomResourceDefinition gateways\.networking\.example\.io.*install"):
            kube.preview("networking.example.io/v1:Gateway", inputs)


def test_a_served_group_in_another_version_says_which_are_served(kube):
    inputs = kube.inputs("networking.istio.io/v9:Gateway", "a", spec={})
    with pytest.raises(ProviderError, match=r"of networking\.istio\.io it serves .*v1"):
        kube.preview("networking.istio.io/v9:Gateway", inputs)


def test_a_kind_may_be_defined_in_the_same_program(kube):
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    definition = kube.check("apiextensions.k8s.io/v1:CustomResourceDefinition", crd(group), name="crd").inputs
    inputs = kube.inputs(f"{group}/v1:Widget", "a", spec={"size": 3})
    assert kube.preview(f"{group}/v1:Widget", inputs) == inputs
    kind = "apiextensions.k8s.io/v1:CustomResourceDefinition"
    made = kube.create(kind, definition)
    assert {"Established"} <= {one["type"] for one in made.outputs["status"]["conditions"] if one["status"] == "True"}
    schema = made.outputs["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert schema["x_kubernetes_preserve_unknown_fields"] is True
    assert not kube.diff(kind, made, definition).changes
    widget = kube.create(f"{group}/v1:Widget", inputs)
    assert widget.outputs["spec"] == {"size": 3}
    with pytest.raises(ProviderError, match="already exists"):
        kube.create(f"{group}/v1:Widget", inputs)
    kube.delete(kind, made, definition)
    assert kube.read(f"{group}/v1:Widget", widget, inputs) is None
    kube.delete(f"{group}/v1:Widget", widget, inputs)


def crd(group: str) -> dict:
    schema = {"openAPIV3Schema": {"type": "object", "x_kubernetes_preserve_unknown_fields": True}}
    names = {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": versions}
    return {"metadata": {"name": f"widgets.{group}"}, "spec": spec}

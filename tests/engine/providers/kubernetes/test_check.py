"""Checked inputs: kinds, names, namespaces, and what is refused."""

import pytest

from tenantmesh.engine.values import UNKNOWN
from tenantmesh.errors import ProviderError, UnsupportedError


@pytest.mark.parametrize(
    ("token", "api_version", "kind"),
    [
        ("core/v1:Namespace", "v1", "Namespace"),
        ("apps/v1:Deployment", "apps/v1", "Deployment"),
        ("rbac.authorization.k8s.io/v1:Role", "rbac.authorization.k8s.io/v1", "Role"),
        ("networking.istio.io/v1:Gateway", "networking.istio.io/v1", "Gateway"),
    ],
)
def test_the_token_says_api_version_and_kind(offline, token, api_version, kind):
    inputs = offline.check(token, {"metadata": {"name": "a"}}).inputs
    assert (inputs["apiVersion"], inputs["kind"]) == (api_version, kind)


def test_an_object_without_a_name_gets_its_logical_name_and_a_suffix(offline):
    inputs = offline.check("core/v1:ConfigMap", {"data": {}}, name="settings").inputs
    name = inputs["metadata"]["name"]
    assert name.startswith("settings-")
    assert len(name) == len("settings-") + 8
    assert inputs["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}


def test_without_a_cluster_the_same_program_makes_the_same_names(offline):
    one, other = (offline.check("core/v1:ConfigMap", {}).inputs["metadata"]["name"] for _ in range(2))
    assert one == other


def test_a_made_name_is_kept(offline):
    old = {"metadata": {"name": "it-0a0b0c0d", "annotations": {"pulumi.com/autonamed": "true"}}}
    inputs = offline.check("core/v1:ConfigMap", {"metadata": {"labels": {"a": "b"}}}, old).inputs
    assert inputs["metadata"]["name"] == "it-0a0b0c0d"
    assert inputs["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}


def test_a_name_that_the_program_chose_is_not_adopted(offline):
    """Leaving out a chosen name asks for a made one, as in the real provider."""
    inputs = offline.check("core/v1:ConfigMap", {}, {"metadata": {"name": "chosen"}}).inputs
    assert inputs["metadata"]["name"] != "chosen"


def test_a_namespace_is_filled_in_only_where_the_kind_has_one(offline):
    assert offline.check("core/v1:ConfigMap", {}).inputs["metadata"]["namespace"] == "default"
    for kind in ("core/v1:Namespace", "rbac.authorization.k8s.io/v1:ClusterRole", "cert-manager.io/v1:ClusterIssuer"):
        assert "namespace" not in offline.check(kind, {"metadata": {"name": "a"}}).inputs["metadata"]


def test_a_definition_in_the_program_says_the_scope_of_its_kind(offline):
    names = {"kind": "Widget", "plural": "widgets"}
    spec = {"group": "example.com", "names": names, "scope": "Cluster", "versions": []}
    offline.check("apiextensions.k8s.io/v1:CustomResourceDefinition", {"metadata": {"name": "w"}, "spec": spec})
    assert "namespace" not in offline.check("example.com/v1:Widget", {"metadata": {"name": "a"}}).inputs["metadata"]


def test_an_unknown_name_is_a_name(offline):
    inputs = offline.check("core/v1:ConfigMap", {"metadata": {"name": UNKNOWN}}).inputs
    assert inputs["metadata"]["name"] is UNKNOWN


def test_unknown_metadata_is_left_alone(offline):
    assert offline.check("core/v1:ConfigMap", {"metadata": UNKNOWN}).inputs["metadata"] is UNKNOWN


def test_every_wrong_name_is_reported_by_its_path(offline):
    failures = offline.check("core/v1:ConfigMap", {"metadata": {"name": 1, "namespace": ["a"]}}).failures
    assert [one.property for one in failures] == ["metadata.name", "metadata.namespace"]
    assert failures[0].reason == "a name is a text, not int"


def test_generate_name_is_refused(offline):
    with pytest.raises(ProviderError, match="generateName can't be used"):
        offline.check("core/v1:ConfigMap", {"metadata": {"generateName": "a-"}})


def test_a_patch_needs_the_name_of_what_it_patches(offline):
    with pytest.raises(ProviderError, match=r"needs metadata\.name"):
        offline.check("core/v1:ConfigMapPatch", {"kind": "ConfigMap", "apiVersion": "v1", "data": {}})


@pytest.mark.parametrize(
    ("token", "feature"),
    [
        ("helm.sh/v3:Release", "Helm"),
        ("helm.sh/v4:Chart", "Helm"),
        ("yaml:ConfigFile", "ConfigFile"),
        ("yaml/v2:ConfigGroup", "ConfigGroup"),
        ("kustomize:Directory", "Kustomize"),
        ("core/v1:ConfigMapList", "list"),
    ],
)
def test_what_is_no_object_is_refused_by_its_name(offline, token, feature):
    with pytest.raises(UnsupportedError, match=feature):
        offline.check(token, {"metadata": {"name": "a"}})


def test_functions_are_refused_by_their_feature(offline):
    with pytest.raises(UnsupportedError, match="ConfigFile"):
        offline.provider.invoke("kubernetes:yaml:decode", {"text": "a: b"})


def test_a_custom_kind_may_end_in_list(offline):
    assert offline.check("example.com/v1:AllowList", {"metadata": {"name": "a"}}).inputs["kind"] == "AllowList"


def test_the_texts_of_a_secret_become_data(offline):
    """As the real provider remembers them, so that either takes over the other's state."""
    inputs = offline.inputs("core/v1:Secret", "a", stringData={"a": "1"}, data={"a": "MA==", "b": "Mg=="})
    assert "stringData" not in inputs
    assert inputs["data"] == {"a": "MQ==", "b": "Mg=="}


def test_the_texts_of_a_secret_stay_while_some_are_not_known(offline):
    inputs = offline.inputs("core/v1:Secret", "a", stringData={"a": UNKNOWN})
    assert inputs["stringData"] == {"a": UNKNOWN}

"""How the mesh is set is read from istiod's own objects, and from nobody else's."""

import pytest

from tenantmesh.engine.values import UNKNOWN, Secret
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.manifest import Manifest, ManifestObject


def config(text, space="istio-system", name="istio"):
    metadata = {"name": name, "namespace": space}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"mesh": text}}


def istiod(space="istio-system", args=("discovery",), **environment):
    metadata = {"name": "istiod", "namespace": space, "labels": {"app": "istiod"}}
    env = [{"name": name, "value": value} for name, value in environment.items()]
    env.append({"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}})
    spec = {"template": {"spec": {"containers": [{"name": "discovery", "args": list(args), "env": env}]}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def found(*bodies):
    return MeshSettings.found(Manifest.of(ManifestObject(body=body) for body in bodies))


def test_without_istiod_the_defaults_are_assumed():
    assert found() == MeshSettings()
    assert MeshSettings().assumed


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("trustDomain: example.com", {"trust_domain": "example.com"}),
        ("trustDomainAliases: [old.example.com]", {"trust_domain_aliases": ("old.example.com",)}),
        ("rootNamespace: mesh-config", {"root_namespace": "mesh-config"}),
        ("enableAutoMtls: false", {"auto_mtls": False}),
        ("outboundTrafficPolicy: {mode: REGISTRY_ONLY}", {"registry_only": True}),
        ("outboundTrafficPolicy: {mode: ALLOW_ANY}", {"registry_only": False}),
        ("defaultServiceExportTo: ['.']", {"service_export": (".",)}),
        ("defaultVirtualServiceExportTo: ['.']", {"virtual_service_export": (".",)}),
        ("defaultDestinationRuleExportTo: ['.']", {"destination_rule_export": (".",)}),
        ("pathNormalization: {normalization: MERGE_SLASHES}", {"path_normalization": "MERGE_SLASHES"}),
        ("pathNormalization: {normalization: DEFAULT}", {"path_normalization": "BASE"}),
        ("extensionProviders: [{name: opa}, {name: oauth}]", {"providers": ("opa", "oauth")}),
        (
            "extensionProviders: [{name: otel, opentelemetry: {service: istio-system/otel.spans.svc.cluster.local}}]",
            {"providers": ("otel",), "collectors": ("spans",)},
        ),
        (
            "extensionProviders: [{name: otel, opentelemetry: {service: spans.example.com}}]",
            {"providers": ("otel",)},
        ),
        (
            "extensionProviders: [{name: opa, envoyExtAuthzGrpc: {service: opa.acme.svc.cluster.local}}]",
            {"providers": ("opa",)},
        ),
    ],
)
def test_the_mesh_config_says(text, wanted):
    assert found(config(text)) == MeshSettings(**wanted, assumed=False)


@pytest.mark.parametrize(("value", "wanted"), [("true", True), ("1", True), ("false", False), ("yes", False)])
def test_istiods_environment_says_whether_gateways_are_kept_to_their_namespace(value, wanted):
    assert found(istiod(PILOT_SCOPE_GATEWAY_TO_NAMESPACE=value)).gateways_scoped is wanted


@pytest.mark.parametrize("args", [("discovery", "--domain", "corp.local"), ("discovery", "--domain=corp.local")])
def test_istiods_arguments_say_the_clusters_domain(args):
    assert found(istiod(args=args)).cluster_domain == "corp.local"


def test_an_argument_without_a_value_says_nothing():
    assert found(istiod(args=("discovery", "--domain"), LOG="1")).cluster_domain == "cluster.local"


def test_what_tenants_put_under_istiods_names_says_nothing_of_the_mesh():
    real = (config("trustDomain: example.com"), istiod(PILOT_SCOPE_GATEWAY_TO_NAMESPACE="true"))
    false = (config("trustDomain: evil", "acme"), istiod("acme", PILOT_SCOPE_GATEWAY_TO_NAMESPACE="false"))
    assert found(*real, *false) == found(*real)
    assert found(*real[:1], *false) == found(*real[:1])
    assert found(*real[1:], *false) == found(*real[1:])
    assert found(false[0]) == MeshSettings()


def test_a_mesh_in_another_namespace_is_found_by_both_of_its_objects():
    settings = found(config("trustDomain: example.com", "mesh"), istiod("mesh", LOG="1"))
    assert settings.trust_domain == "example.com"
    assert not settings.assumed


def test_the_default_revision_goes_before_others_and_others_before_nothing():
    other = config("trustDomain: other.com", name="istio-canary")
    assert found(other).trust_domain == "other.com"
    assert found(other, config("trustDomain: example.com")).trust_domain == "example.com"


@pytest.mark.parametrize(
    "text", ["[", "just text", "- a", "a: !!python/object:x {}", "[" * 5000, Secret("x"), UNKNOWN, 5]
)
def test_a_config_that_can_not_be_read_is_none(text):
    assert found(config(text)) == MeshSettings()


@pytest.mark.parametrize("value", ["text", "[1]", "{a: 1}", "5", "null", "[[]]"])
def test_fields_of_another_shape_count_as_absent(value):
    fields = ("outboundTrafficPolicy", "pathNormalization", "trustDomainAliases", "defaultServiceExportTo")
    settings = found(config("\n".join(f"{name}: {value}" for name in fields)))
    assert settings == MeshSettings(assumed=False)


def test_a_deployment_of_any_shape_is_read():
    for spec in (None, {}, {"template": None}, {"template": {"spec": {"containers": [None, {"env": [1], "args": 2}]}}}):
        assert found(istiod() | {"spec": spec}) == MeshSettings()

"""What is meant, found in namespaces and in an intent file."""

import json
from pathlib import Path

import pytest

from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.declarations.statements import IntentFile
from tenantmesh.errors import IntentError
from tenantmesh.graph.cluster import Cluster
from tests.checks.fakes import manifest, namespace

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: acme}
spec: {selector: {app: web}}
"""


def intent(*texts, said=None, **options):
    file = IntentFile.model_validate(said) if said else None
    return find_intent(Cluster(manifest(*texts)), file, **options)


def declaring(name, **annotations):
    return namespace(
        name, annotations={f"tenantmesh.dev/{key}": json.dumps(value) for key, value in annotations.items()}
    )


def exported(**more):
    return declaring("acme", exports=[{"service": "web", "ports": [80], "to": ["globex"], **more}])


def imported(**more):
    return declaring("globex", imports=[{"namespace": "acme", "service": "web", "ports": [80], **more}])


def test_namespaces_of_one_label_are_one_tenant_and_others_are_their_own():
    found = intent(
        namespace("acme", labels={"tenantmesh.dev/tenant": "acme"}),
        namespace("acme--db", labels={"tenantmesh.dev/tenant": "acme"}),
        namespace("globex"),
    )
    assert found.tenants == {"acme": ("acme", "acme--db"), "globex": ("globex",)}


@pytest.mark.parametrize("name", ["cert-manager", "istio-system", "kube-public", "kube-system", "monitoring", "tools"])
def test_system_namespaces_and_added_ones_are_shared(name):
    found = intent(namespace(name), namespace("acme"), shared=["tools"])
    assert found.shared == {name}
    assert list(found.tenants) == ["acme"]


def test_the_namespace_of_the_collector_that_the_mesh_names_is_shared():
    provider = "{name: otel, opentelemetry: {service: otel.spans.svc.cluster.local, port: 4317}}"
    metadata = "{name: istio, namespace: istio-system}"
    said = f"extensionProviders: [{provider}]"
    config = f'{{apiVersion: v1, kind: ConfigMap, metadata: {metadata}, data: {{mesh: "{said}"}}}}'
    found = intent(config, namespace("acme"), namespace("spans"))
    assert found.shared == {"istio-system", "spans"}
    assert intent(namespace("acme"), namespace("spans")).shared == set()


def test_a_shared_name_is_shared_where_the_namespace_is_not_among_the_objects():
    found = intent(namespace("acme"))
    assert found.is_shared("kube-system")
    assert not found.is_shared("globex")


def test_the_label_of_a_system_namespace_goes_before_its_name():
    found = intent(namespace("kube-tools", labels={"tenantmesh.dev/tenant": "tools"}))
    assert list(found.tenants) == ["tools"]
    assert not found.is_shared("kube-tools")


def test_another_label_can_name_the_tenant():
    found = intent(namespace("one", labels={"team": "acme"}), tenant_label="team")
    assert found.tenants == {"acme": ("one",)}


def test_both_halves_make_a_grant_of_what_both_say():
    found = intent(exported(methods=["GET"], reason="orders", ports=[80, 81]), imported(ports=[80]))
    (grant,) = found.grants
    assert (grant.caller, grant.owner, grant.reason) == ("globex", "acme", "orders")
    assert (grant.word.ports, grant.word.methods) == ((80,), ("GET",))
    assert [one.key.name for one in grant.objects] == ["acme", "globex"]


def test_ports_that_one_side_says_alone_are_half_a_grant():
    found = intent(exported(ports=[80, 81]), imported(ports=[80]))
    assert [(word.exports, word.ports) for word in found.halves] == [(True, (80, 81))]


def test_one_half_alone_is_no_grant():
    for texts in ((exported(), namespace("globex")), (namespace("acme"), imported())):
        found = intent(*texts)
        assert found.grants == ()
        assert len(found.halves) == 1


def test_a_half_whose_other_side_is_in_no_manifest_is_neither_a_grant_nor_a_half():
    found = intent(exported())
    assert (found.grants, found.halves) == ((), ())
    assert [str(word) for word in found.abroad] == ["globex may call acme/web on 80"]


def test_members_of_a_project_have_to_name_one_another():
    named = intent(declaring("acme", peers=["globex"]), declaring("globex", peers=["acme"]))
    assert {(one.caller, one.owner) for one in named.grants} == {("acme", "globex"), ("globex", "acme")}
    alone = intent(declaring("acme", peers=["globex"]), namespace("globex"))
    assert alone.grants == ()
    assert len(alone.halves) == 2


def test_a_file_grants_and_takes_the_pods_from_the_service():
    said = {
        "grants": [{"source": "globex", "destination": "acme", "service": "web", "ports": [80], "reason": "orders"}]
    }
    (grant,) = intent(SERVICE, namespace("globex"), said=said).grants
    assert grant.word.selector == {"app": "web"}
    assert grant.objects == ()


def test_a_file_gives_tenants_their_namespaces_before_any_label():
    said = {"tenants": {"shop": ["one", "two"]}, "sharedNamespaces": ["tools"]}
    found = intent(*(namespace(name) for name in ("one", "two", "tools")), said=said)
    assert found.tenants == {"shop": ("one", "two")}
    assert found.shared == {"tools"}


def test_a_project_of_a_file_lets_all_members_reach_one_another():
    said = {"projects": [{"name": "shop", "tenants": ["acme", "globex"]}]}
    found = intent(namespace("acme"), namespace("globex"), said=said)
    assert {(one.caller, one.owner) for one in found.grants} == {("acme", "globex"), ("globex", "acme")}


def test_every_wrong_declaration_is_named_at_once_by_its_path():
    with pytest.raises(IntentError) as caught:
        intent(
            declaring("acme", exports=[{"to": [], "ports": [80, 70000]}, {"service": "web"}]),
            namespace("globex", annotations={"tenantmesh.dev/imports": "[{"}),
        )
    problems = caught.value.problems
    assert problems[0] == "namespace acme: tenantmesh.dev/exports[0].ports[1]: is not a port (1-65535)"
    assert problems[1] == "namespace acme: tenantmesh.dev/exports[1].to: is required"
    assert problems[2].startswith("namespace globex: tenantmesh.dev/imports: invalid JSON")


def test_names_of_a_file_that_are_nobodys_are_named_at_once():
    said = {
        "grants": [{"source": "nobody", "destination": "none", "reason": "why"}],
        "projects": [{"name": "shop", "tenants": ["acme", "who"]}],
    }
    with pytest.raises(IntentError) as caught:
        intent(namespace("acme"), said=said)
    assert caught.value.problems == (
        "grants[0].source: no tenant is called 'nobody'",
        "grants[0].destination: no tenant is called 'none'",
        "projects[0].tenants[1]: no tenant is called 'who'",
    )


def test_a_grant_to_a_tenant_of_several_namespaces_has_to_name_one():
    said = {
        "tenants": {"acme": ["one", "two"]},
        "grants": [{"source": "globex", "destination": "acme", "reason": "why"}],
    }
    with pytest.raises(IntentError, match=r"grants\[0\]\.namespace: has to be one of one, two"):
        intent(*(namespace(name) for name in ("one", "two", "globex")), said=said)


def test_a_file_is_read_with_every_wrong_field_named(tmp_path: Path):
    file = tmp_path / "intent.yaml"
    file.write_text("tenants: {a: b}\nsharedNamespace: [x]\nexemptions: [{rule: x, reason: '', expires: soon}]\n")
    with pytest.raises(IntentError) as caught:
        IntentFile.read(file)
    assert caught.value.problems == (
        f"{file}: tenants.a: has to be a list",
        f"{file}: exemptions[0].reason: has to be given",
        f"{file}: exemptions[0].expires: has to be a day like 2030-12-31",
        f"{file}: sharedNamespace: is not known here; remove it or mend its spelling",
    )


@pytest.mark.parametrize("text", ["a: [", "- 1", "!!python/object:os.system {}", "\x00"])
def test_a_file_that_is_no_mapping_of_yaml_is_refused(tmp_path: Path, text: str):
    file = tmp_path / "intent.yaml"
    file.write_text(text)
    with pytest.raises(IntentError, match=r"intent\.yaml"):
        IntentFile.read(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(IntentError, match="can't be read"):
        IntentFile.read(tmp_path / "none.yaml")

"""What one set of objects changes against another."""

import pytest

from tenantmesh.checks.declarations.intent import Intent
from tenantmesh.checks.differences.comparing import Compared, compare
from tenantmesh.checks.differences.difference import Change
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.proof import Edge, Proof
from tenantmesh.checks.rules.isolation import NETWORK_REACH, RELAY
from tenantmesh.graph.verdict import Layer
from tenantmesh.manifest import Manifest, ManifestObject

INTENT = Intent(tenants={"acme": ("acme",), "globex": ("globex",), "initech": ("initech",)})


def edge(source="acme", destination="globex", *, ports=("80/TCP",), paths=(), passes=True):
    layers = (Layer.NETWORK,)
    return Edge(source=source, destination=destination, ports=ports, layers=layers, open=passes, paths=paths)


def finding(rule=NETWORK_REACH, message="", tenants=("acme",)):
    return Finding(rule=rule, tenants=tenants, objects=(), witness="", message=message, fix="")


def side(*bodies, edges=(), findings=(), urn=""):
    manifest = Manifest.of(ManifestObject(body=body, urn=urn) for body in bodies)
    proof = Proof(tenants=tuple(INTENT.tenants), shared=(), matrix=tuple(edges), findings=tuple(findings), unproven=())
    return Compared(manifest=manifest, intent=INTENT, proof=proof)


def body(kind, api="v1", name="one", namespace="acme", **parts):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **parts}


def changes(before, after, **more):
    found = compare(side(*before, **more), side(*after, **more)).objects
    return [(one.change, one.why, [field.path for field in one.fields]) for one in found]


def test_equal_sides_differ_in_nothing():
    one = side(body("ConfigMap", data={"a": "b"}), edges=[edge()], findings=[finding()])
    found = compare(one, one)
    empty = (found.opened, found.closed, found.widened, found.narrowed, found.found, found.fixed, found.objects)
    assert empty == ((),) * 7
    assert found.tenants == ()


def test_edges_that_open_and_close_are_told_and_shut_ones_are_not():
    found = compare(side(edges=[edge()]), side(edges=[edge("globex", "acme"), edge("a", "b", passes=False)]))
    assert [(one.source, one.destination) for one in found.opened] == [("globex", "acme")]
    assert [(one.source, one.destination) for one in found.closed] == [("acme", "globex")]
    assert found.tenants == ("acme", "globex")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"ports": ("80/TCP",)}, {"ports": ("80/TCP", "81/TCP")}),
        ({"ports": ("80/TCP",)}, {"ports": ("any",)}),
        ({"paths": ("GET /a",)}, {"paths": ()}),
        ({"paths": ("GET /a",)}, {"paths": ("GET /a", "GET /b")}),
    ],
)
def test_an_edge_with_more_ports_or_paths_is_wider_and_the_other_way_narrower(before, after):
    one, other = edge(**before), edge(**after)
    found = compare(side(edges=[one]), side(edges=[other]))
    assert (found.widened, found.narrowed) == (((one, other),), ())
    found = compare(side(edges=[other]), side(edges=[one]))
    assert (found.widened, found.narrowed) == ((), ((other, one),))


def test_an_edge_that_moves_to_another_port_is_wider_and_narrower():
    one, other = edge(ports=("80/TCP",)), edge(ports=("81/TCP",))
    found = compare(side(edges=[one]), side(edges=[other]))
    assert found.widened == found.narrowed == ((one, other),)


def test_findings_that_come_and_go_are_told():
    found = compare(side(findings=[finding()]), side(findings=[finding(RELAY), finding(message="other")]))
    assert [(one.rule.id, one.message) for one in found.found] == [("relay", ""), ("network-reach", "other")]
    assert [one.rule.id for one in found.fixed] == ["network-reach"]


REPLACED = [
    ("Deployment", "apps/v1", {"spec": {"selector": {"matchLabels": {"a": "1"}}}}, "spec.selector.matchLabels.a"),
    ("StatefulSet", "apps/v1", {"spec": {"serviceName": "1"}}, "spec.serviceName"),
    ("Service", "v1", {"spec": {"clusterIP": "1"}}, "spec.clusterIP"),
    ("RoleBinding", "rbac.authorization.k8s.io/v1", {"roleRef": {"name": "1"}}, "roleRef.name"),
    ("Secret", "v1", {"type": "1"}, "type"),
    ("Job", "batch/v1", {"spec": {"template": {"spec": {"restartPolicy": "1"}}}}, "spec.template.spec.restartPolicy"),
    ("Pod", "v1", {"spec": {"nodeName": "1"}}, "spec.nodeName"),
]


def other(part):
    return {key: other(value) for key, value in part.items()} if isinstance(part, dict) else "2"


@pytest.mark.parametrize(("kind", "api", "parts", "path"), REPLACED)
def test_a_field_that_cannot_change_in_place_replaces_its_object(kind, api, parts, path):
    before, after = body(kind, api, **parts), body(kind, api, **other(parts))
    assert changes([before], [after]) == [(Change.REPLACE, path, [path])]


@pytest.mark.parametrize(
    ("kind", "api", "parts"),
    [
        ("Deployment", "apps/v1", {"spec": {"template": {"a": "1"}}}),
        ("Service", "v1", {"spec": {"selector": {"a": "1"}}}),
        ("ConfigMap", "v1", {"data": {"a": "1"}}),
        ("Pod", "v1", {"metadata": {"name": "one", "namespace": "acme", "labels": {"a": "1"}}}),
    ],
)
def test_any_other_field_updates_it(kind, api, parts):
    before, after = body(kind, api), body(kind, api)
    assert [one[0] for one in changes([{**before, **parts}], [{**after, **other_part(parts)}])] == [Change.UPDATE]


def other_part(parts):
    changed = other(parts)
    if "metadata" in changed:
        changed["metadata"] |= {"name": "one", "namespace": "acme"}
    return changed


def test_data_is_replaced_where_pulumi_made_it():
    before, after = body("ConfigMap", data={"a": "1"}), body("ConfigMap", data={"a": "2"})
    assert changes([before], [after], urn="urn:pulumi:x") == [(Change.REPLACE, "data.a", ["data.a"])]


def test_another_name_is_another_object():
    found = changes([body("ConfigMap", name="one")], [body("ConfigMap", name="two")])
    assert [one[0] for one in found] == [Change.DELETE, Change.CREATE]


def test_a_new_version_of_a_kind_is_the_same_object():
    before, after = body("Gateway", "networking.istio.io/v1beta1"), body("Gateway", "networking.istio.io/v1")
    assert changes([before], [after]) == [(Change.UPDATE, "", ["apiVersion"])]


def test_what_the_server_writes_is_no_change():
    before = body("ConfigMap")
    after = {**before, "status": {"a": 1}, "metadata": {**before["metadata"], "resourceVersion": "7", "uid": "u"}}
    assert changes([before], [after]) == []


def test_objects_come_replaced_then_deleted_then_updated_then_created():
    before = [body("Service", spec={"clusterIP": "1"}), body("A"), body("B", data=1)]
    after = [body("Service", spec={"clusterIP": "2"}), body("B", data=2), body("C")]
    assert [one[0] for one in changes(before, after)] == list(Change)


class Hidden:
    def __repr__(self):
        return "hunter2"


def test_secrets_are_never_shown():
    before = [body("Secret", data={"key": "aHVudGVyMQ=="}), body("ConfigMap", data={"key": Hidden()})]
    after = [body("Secret", data={"key": "aHVudGVyMg=="}), body("ConfigMap", data={"key": [Hidden()]})]
    found = compare(side(*before), side(*after)).objects
    shown = [(field.before, field.after) for one in found for field in one.fields]
    assert shown == [("[secret]", '["[secret]"]'), ("[secret]", "[secret]")]


def test_quotas_and_certificates_are_named_again():
    objects = [
        body("ResourceQuota", spec={"hard": {"pods": "1"}}),
        body("Secret", type="kubernetes.io/tls"),
        body("Secret", name="other"),
    ]
    found = compare(side(), side(*objects))
    assert [one.after.key.kind for one in found.quotas if one.after] == ["ResourceQuota"]
    assert [one.after.key.name for one in found.certificates if one.after] == ["one"]


def test_a_namespace_is_its_tenants():
    found = compare(side(), side({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "globex"}}))
    assert found.tenants == ("globex",)

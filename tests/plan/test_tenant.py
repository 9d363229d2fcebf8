"""The plan of a whole tenant."""

import pytest

from tenantmesh.manifest import ObjectKey

LOCKED = """
networking.istio.io/v1 Sidecar acme/default
networking.k8s.io/v1 NetworkPolicy acme/allow-control-plane
networking.k8s.io/v1 NetworkPolicy acme/allow-dns
networking.k8s.io/v1 NetworkPolicy acme/allow-observability
networking.k8s.io/v1 NetworkPolicy acme/allow-tenant
networking.k8s.io/v1 NetworkPolicy acme/default-deny
security.istio.io/v1 AuthorizationPolicy acme/allow-tenant
security.istio.io/v1 AuthorizationPolicy acme/fence
security.istio.io/v1 PeerAuthentication acme/default
v1 LimitRange acme/tenant
v1 Namespace acme
v1 ResourceQuota acme/system-priority
v1 ResourceQuota acme/tenant
v1 ServiceAccount acme/default
"""


def test_a_tenant_without_arguments_is_a_fence_and_nothing_in_it(planned):
    listed = [f"{body['apiVersion']} {ObjectKey.of(body)}" for body in planned().bodies]
    assert listed == LOCKED.strip().splitlines()


@pytest.mark.parametrize(
    ("args", "added"),
    [
        ({"domain": "acme.example.com"}, set()),
        ({"quota": {"priority_class_pods": {"batch": 2}}}, {"ResourceQuota acme/priority--batch"}),
        (
            {"access": [{"role": "viewer", "users": ["ann"]}]},
            {"Role acme/tenant-viewer", "RoleBinding acme/tenant-viewer"},
        ),
        (
            {"sharing": {"imports": [{"tenant": "globex", "service": "pg", "ports": [5432], "reason": "orders"}]}},
            {"NetworkPolicy acme/import--pg--globex"},
        ),
    ],
)
def test_an_argument_adds_its_own_objects_only(planned, args, added):
    before = {str(ObjectKey.of(body)) for body in planned().bodies}
    assert {str(ObjectKey.of(body)) for body in planned(args).bodies} == before | added


def test_every_object_says_whose_it_is(planned):
    for body in planned({"namespaces": [{"name": "db"}], "domain": "a.example.com", "ingress": {}}).bodies:
        assert body["metadata"]["labels"]["tenantmesh.dev/tenant"] == "acme"
        assert body["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "tenantmesh"


def test_bodies_come_in_the_order_of_their_keys(planned):
    keys = [ObjectKey.of(body) for body in planned({"namespaces": [{"name": "db"}]}).bodies]
    assert keys == sorted(keys)

"""Every kind is read, known to open nothing, or told as what it leaves undecided."""

from datetime import date

import pytest

from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.prove import prove
from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.kinds import Part, Scope, known
from tenantmesh.graph.routing.shapes import READ
from tenantmesh.graph.strangers import REASONS, unknown_kinds
from tenantmesh.graph.workloads import TEMPLATES
from tenantmesh.manifest import Manifest, ManifestObject
from tests.served import served

UDP = ("gateway.networking.k8s.io", "UDPRoute")
"""Only what it refers to is read, and not where it leads."""


def holding(*bodies):
    return Cluster(Manifest.of(ManifestObject(body=one) for one in bodies))


def body(api_version, kind, namespace=""):
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x", "namespace": namespace}}


STRANGERS = [
    ("crd.projectcalico.org/v1", "GlobalNetworkPolicy"),
    ("crd.antrea.io/v1beta1", "NetworkPolicy"),
    ("kuma.io/v1alpha1", "MeshTrafficPermission"),
    ("policy.linkerd.io/v1beta3", "Server"),
    ("traefik.io/v1alpha1", "IngressRoute"),
    ("projectcontour.io/v1", "HTTPProxy"),
    ("configuration.konghq.com/v1", "KongPlugin"),
    ("getambassador.io/v3alpha1", "Mapping"),
    ("serving.knative.dev/v1", "Service"),
    ("route.openshift.io/v1", "Route"),
    ("argoproj.io/v1alpha1", "Rollout"),
    ("flagger.app/v1beta1", "Canary"),
    ("http.keda.sh/v1alpha1", "HTTPScaledObject"),
    ("cilium.io/v2", "CiliumEnvoyConfig"),
    ("cilium.io/v2", "CiliumLocalRedirectPolicy"),
    ("gateway.networking.k8s.io/v1", "UDPRoute"),
    ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition"),
    ("networking.k8s.io/v1", "Unheard"),
    ("v1", "Unheard"),
]


@pytest.mark.parametrize(("api_version", "kind"), STRANGERS)
def test_what_routes_selects_or_grants_and_is_not_read_is_told(api_version, kind):
    (found,) = unknown_kinds(holding(body(api_version, kind, "acme")))
    assert (found.kind, list(found.objects)) == (kind, ["acme"])
    assert found.reason


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("v1", "ConfigMap"),
        ("v1", "Event"),
        ("v1", "PersistentVolumeClaim"),
        ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("policy/v1", "PodDisruptionBudget"),
        ("coordination.k8s.io/v1", "Lease"),
        ("storage.k8s.io/v1", "StorageClass"),
        ("scheduling.k8s.io/v1", "PriorityClass"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        ("cert-manager.io/v1", "Certificate"),
        ("monitoring.coreos.com/v1", "ServiceMonitor"),
        ("externaldns.k8s.io/v1alpha1", "DNSEndpoint"),
        ("argoproj.io/v1alpha1", "Application"),
        ("constraints.gatekeeper.sh/v1beta1", "K8sRequiredLabels"),
    ],
)
def test_what_opens_nothing_is_not_told(api_version, kind):
    assert list(unknown_kinds(holding(body(api_version, kind, "acme")))) == []


@pytest.mark.parametrize("harmless", ["IngressRoute", "traefik.io/IngressRoute", "traefik.io/*"])
def test_somebody_may_vouch_for_a_kind(harmless):
    there = holding(body("traefik.io/v1alpha1", "IngressRoute", "acme"))
    assert list(unknown_kinds(there, frozenset({harmless}))) == []
    assert len(list(unknown_kinds(there, frozenset({"example.com/IngressRoute", "example.com/*"})))) == 1


def test_what_lives_in_no_namespace_is_of_the_whole_cluster():
    (found,) = unknown_kinds(holding(body("crd.projectcalico.org/v1", "GlobalNetworkPolicy")))
    assert list(found.objects) == [""]


def test_a_name_says_group_and_kind():
    found = unknown_kinds(holding(body("v1", "Unheard"), body("kuma.io/v1", "Mesh")))
    assert [one.name for one in found] == ["Unheard", "kuma.io/Mesh"]


def test_what_routing_reads_is_known_as_such():
    for group, kinds in READ.items():
        for kind in kinds:
            found = known(group, kind)
            assert found is not None
            assert found.part is Part.ROUTING


def test_what_makes_pods_is_known_as_such():
    for group, kind in TEMPLATES:
        found = known(group, kind)
        assert found is not None
        assert found.part is Part.PODS


def test_no_kind_is_known_and_a_stranger():
    assert [name for name in REASONS if name[1] and known(*name)] == []


class Asked(Cluster):
    """Remembers which kinds it was asked for."""

    def __init__(self, *bodies):
        self.asked = set()
        super().__init__(Manifest.of(ManifestObject(body=one) for one in bodies))

    def objects(self, group, kind):
        self.asked.add((group, kind))
        return super().objects(group, kind)


def test_every_kind_that_is_asked_for_is_known():
    """So that a layer which learns a kind takes it off the list of strangers too."""
    there = Asked(body("v1", "Namespace"), body("v1", "Service", "x"), body("apps/v1", "Deployment", "x"))
    prove(there, find_intent(there), today=date(2026, 1, 1))
    assert ("networking.k8s.io", "NetworkPolicy") in there.asked
    assert {one for one in there.asked if known(*one) is None} <= {UDP}


@pytest.mark.controlplane
def test_every_kind_of_the_real_control_plane_is_known_with_its_scope(cluster):
    answers = {"authentication.k8s.io", "authorization.k8s.io"}
    """Their objects are answers that are never stored."""
    wrong = []
    for path, one in served(cluster.api()):
        group = path.removeprefix("/apis/").partition("/")[0] if path.startswith("/apis/") else ""
        found = known(group, one["kind"])
        right = found is not None and (found.scope is Scope.NAMESPACED) is one["namespaced"]
        if not right and group not in answers and (group, one["kind"]) != UDP:
            wrong.append((group, one["kind"], one["namespaced"]))
    assert wrong == []


def test_objects_are_where_the_api_server_puts_them_whatever_they_say():
    """It takes the namespace off what lives in none: else a ClusterRole could hide from who asks for the cluster's."""
    there = holding(body("rbac.authorization.k8s.io/v1", "ClusterRole", "acme"), body("v1", "Secret"))
    assert list(there.objects("rbac.authorization.k8s.io", "ClusterRole")) == [""]
    assert list(there.objects("", "Secret")) == ["default"]
    assert "acme" not in there.namespaces

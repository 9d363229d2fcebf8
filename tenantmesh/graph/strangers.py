"""Kinds that nothing here reads and that may route, select pods or grant: what each of them leaves undecided."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from tenantmesh.graph.cluster import Cluster
from tenantmesh.graph.kinds import known
from tenantmesh.manifest import ManifestObject

_POLICIES: Final = "allows and denies flows"
_ROUTES: Final = "routes requests"
_MESH: Final = "configures another mesh"
_PODS: Final = "makes pods that no template here shows"
_GRANTS: Final = "grants rights or spreads objects over namespaces"
_WIRES: Final = "gives pods other networks, or changes the way of their packets"

# Groups, each with all of its kinds but those that the graph reads, and single kinds as `group/Kind`.
_STRANGERS: Final[Mapping[str, str]] = {
    _POLICIES: (
        "calico.org crd.antrea.io crd.projectcalico.org k8s.ovn.org/EgressFirewall networking.gke.io"
        " network.openshift.io policies.kubewarden.io projectcalico.org vpcresources.k8s.aws networking.k8s.aws"
    ),
    _ROUTES: (
        "argoproj.io/Rollout cloud.google.com configuration.konghq.com core.haproxy.org elbv2.k8s.aws flagger.app"
        " gateway.envoyproxy.io gateway.kgateway.dev gateway.networking.k8s.io gateway.networking.x-k8s.io"
        " gateway.nginx.org gateway.solo.io getambassador.io gloo.solo.io http.keda.sh inference.networking.k8s.io"
        " inference.networking.x-k8s.io ingress.v1.haproxy.org ingress.v3.haproxy.org k8s.nginx.org"
        " multicluster.x-k8s.io networking.internal.knative.dev projectcontour.io route.openshift.io"
        " serving.knative.dev eventing.knative.dev messaging.knative.dev submariner.io traefik.containo.us traefik.io"
    ),
    _MESH: (
        "access.smi-spec.io consul.hashicorp.com install.istio.io kuma.io linkerd.io multicluster.linkerd.io"
        " policy.linkerd.io sailoperator.io specs.smi-spec.io split.smi-spec.io"
    ),
    _PODS: (
        "apps.kruise.io apps.openshift.io argoproj.io/CronWorkflow argoproj.io/Experiment argoproj.io/Workflow"
        " batch.volcano.sh keda.sh/ScaledJob kubevirt.io tekton.dev"
    ),
    _GRANTS: (
        "authorization.openshift.io capsule.clastix.io hnc.x-k8s.io kyverno.io rbacmanager.reactiveops.io"
        " security.openshift.io tenancy.kiosk.sh"
    ),
    _WIRES: (
        "cilium.io crd.projectcalico.org/IPPool k8s.cni.cncf.io k8s.ovn.org kubeovn.io metallb.io"
        " whereabouts.cni.cncf.io"
    ),
}


def _reasons() -> Iterator[tuple[tuple[str, str], str]]:
    for reason, names in _STRANGERS.items():
        for name in names.split():
            group, _, kind = name.partition("/")
            yield (group, kind), reason


REASONS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(dict(_reasons()))
"""What objects do that are not understood, by group and kind; the kind is "" for all of a group."""


class UnknownKind(Struct, frozen=True, kw_only=True):
    """A kind that is there and not understood: `objects` by namespace, "" for the whole cluster, and why it matters."""

    group: str
    kind: str
    objects: Mapping[str, tuple[ManifestObject, ...]]
    reason: str

    @property
    def name(self) -> str:
        """Group and kind, as an intent names a harmless kind."""
        return f"{self.group}/{self.kind}" if self.group else self.kind


def unknown_kinds(cluster: Cluster, harmless: frozenset[str] = frozenset()) -> Iterator[UnknownKind]:
    """The kinds in `cluster` that are not understood, sorted.

    `harmless` are those that somebody vouches for, written `Kind`, `group/Kind` or `group/*`. What lives in a
    namespace leaves that namespace unproven, what lives in none the whole cluster.
    """
    for group, kind in cluster.kinds:
        if known(group, kind) is None and not {kind, f"{group}/{kind}", f"{group}/*"} & harmless:
            reason = REASONS.get((group, kind)) or REASONS.get((group, "")) or "may route, select pods or grant"
            yield UnknownKind(group=group, kind=kind, objects=cluster.objects(group, kind), reason=reason)

"""The rights that break or weaken a fence: one table from powers to the API calls that are each of them.

Sources: https://kubernetes.io/docs/concepts/security/rbac-good-practices/ and the kinds of each layer of the graph.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from tenantmesh.graph.api.rules import ALL, Grants


class Power(StrEnum):
    """What a subject can do with a right, in the words of a finding."""

    READ_SECRETS = "read secrets"
    WRITE_SECRETS = "change secrets"
    RUN_PODS = "run pods"
    ENTER_PODS = "enter pods"
    PROXY = "reach pods past the network's policies"
    ACT_AS = "impersonate"
    MAKE_TOKENS = "make tokens"
    GIVE_ROLES = "change roles and bindings"
    GIVE_ANY_ROLE = "give more rights than one has"
    CHANGE_NETWORK = "change network policies"
    CHANGE_IDENTITY = "change authorization and mutual TLS"
    CHANGE_PROXIES = "change proxies"
    CHANGE_ROUTES = "change routes"
    CHANGE_SERVICES = "change services"
    CHANGE_ENDPOINTS = "change where services lead"
    CHANGE_LIMITS = "change quotas and limits"
    CHANGE_NAMESPACES = "change namespaces and their labels"
    CHANGE_ADMISSION = "change what the API server admits"
    CHANGE_NODES = "change nodes, volumes and where pods run"
    SIGN_CERTIFICATES = "sign certificates"
    ANYTHING_UNKNOWN = "do what cannot be read"


class Calls(Struct, frozen=True):
    """API calls that amount to a power; the resource `kind/*` is every subresource of a kind."""

    verbs: frozenset[str]
    group: str
    resources: tuple[str, ...]


_READ = frozenset({"get", "list", "watch"})
_CHANGE = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_MAKE = frozenset({"create", "update", "patch"})
# The kubelet's streams begin with a GET or a POST, so both verbs open them.
_STREAM = frozenset({"get", "create"})
_RBAC = "rbac.authorization.k8s.io"
_ISTIO = "networking.istio.io"
_CERTIFICATES = "certificates.k8s.io"
_ADMIN_POLICIES = ("adminnetworkpolicies", "baselineadminnetworkpolicies", "clusternetworkpolicies")

POWERS: Mapping[Power, tuple[Calls, ...]] = {
    Power.READ_SECRETS: (Calls(_READ, "", ("secrets",)),),
    # A Secret of the type service-account-token is filled with a token of any account of the namespace.
    Power.WRITE_SECRETS: (Calls(_CHANGE, "", ("secrets",)),),
    Power.RUN_PODS: (
        Calls(_MAKE, "", ("pods", "replicationcontrollers", "podtemplates")),
        Calls(_MAKE, "apps", ("deployments", "statefulsets", "daemonsets", "replicasets")),
        Calls(_MAKE, "batch", ("jobs", "cronjobs")),
    ),
    Power.ENTER_PODS: (
        Calls(_STREAM, "", ("pods/exec", "pods/attach", "pods/portforward")),
        Calls(frozenset({"update", "patch"}), "", ("pods/ephemeralcontainers",)),
    ),
    Power.PROXY: (Calls(_READ | _CHANGE, "", ("pods/proxy", "services/proxy", "nodes/proxy")),),
    Power.ACT_AS: (
        Calls(frozenset({"impersonate"}), "", ("users", "groups", "serviceaccounts")),
        Calls(
            frozenset(
                {
                    "impersonate",
                    "impersonate:user-info",
                    "impersonate:serviceaccount",
                    "impersonate:arbitrary-node",
                    "impersonate:associated-node",
                }
            ),
            "authentication.k8s.io",
            ("users", "groups", "serviceaccounts", "nodes", "uids", "userextras/*"),
        ),
    ),
    Power.MAKE_TOKENS: (Calls(frozenset({"create"}), "", ("serviceaccounts/token",)),),
    Power.GIVE_ROLES: (Calls(_CHANGE, _RBAC, ("roles", "rolebindings", "clusterroles", "clusterrolebindings")),),
    Power.GIVE_ANY_ROLE: (Calls(frozenset({"bind", "escalate"}), _RBAC, ("roles", "clusterroles")),),
    Power.CHANGE_NETWORK: (
        Calls(_CHANGE, "networking.k8s.io", ("networkpolicies",)),
        Calls(_CHANGE, "policy.networking.k8s.io", _ADMIN_POLICIES),
        Calls(
            _CHANGE,
            "cilium.io",
            (
                "ciliumnetworkpolicies",
                "ciliumclusterwidenetworkpolicies",
                "ciliumlocalredirectpolicies",
                "ciliumcidrgroups",
                "ciliumidentities",
                "ciliumendpoints",
            ),
        ),
        Calls(_CHANGE, "crd.projectcalico.org", ("networkpolicies", "globalnetworkpolicies")),
        Calls(_CHANGE, "projectcalico.org", ("networkpolicies", "globalnetworkpolicies")),
    ),
    Power.CHANGE_IDENTITY: (
        Calls(_CHANGE, "security.istio.io", ("authorizationpolicies", "peerauthentications", "requestauthentications")),
    ),
    Power.CHANGE_PROXIES: (
        Calls(_CHANGE, _ISTIO, ("sidecars", "envoyfilters", "proxyconfigs")),
        Calls(_CHANGE, "extensions.istio.io", ("wasmplugins", "trafficextensions")),
        Calls(_CHANGE, "telemetry.istio.io", ("telemetries",)),
        Calls(_CHANGE, "cilium.io", ("ciliumenvoyconfigs", "ciliumclusterwideenvoyconfigs")),
    ),
    Power.CHANGE_ROUTES: (
        Calls(
            _CHANGE,
            _ISTIO,
            ("gateways", "virtualservices", "destinationrules", "serviceentries", "workloadentries", "workloadgroups"),
        ),
        Calls(
            _CHANGE,
            "gateway.networking.k8s.io",
            (
                "gateways",
                "gatewayclasses",
                "listenersets",
                "httproutes",
                "grpcroutes",
                "tlsroutes",
                "tcproutes",
                "udproutes",
                "referencegrants",
                "backendtlspolicies",
            ),
        ),
        Calls(_CHANGE, "gateway.networking.x-k8s.io", ("xlistenersets", "xbackendtrafficpolicies", "xmeshes")),
        Calls(_CHANGE, "networking.k8s.io", ("ingresses", "ingressclasses")),
    ),
    Power.CHANGE_SERVICES: (Calls(_CHANGE, "", ("services",)),),
    # Addresses that somebody writes himself may be another namespace's pods, or any client's (CVE-2021-25740,
    # CVE-2020-8554): the server's own roles `admin` and `edit` have none of these.
    Power.CHANGE_ENDPOINTS: (
        Calls(_CHANGE, "", ("services/status", "endpoints")),
        Calls(_CHANGE, "discovery.k8s.io", ("endpointslices",)),
    ),
    Power.CHANGE_LIMITS: (Calls(_CHANGE, "", ("resourcequotas", "resourcequotas/status", "limitranges")),),
    Power.CHANGE_NAMESPACES: (Calls(_CHANGE, "", ("namespaces", "namespaces/finalize", "namespaces/status")),),
    Power.CHANGE_ADMISSION: (
        Calls(
            _CHANGE,
            "admissionregistration.k8s.io",
            (
                "validatingwebhookconfigurations",
                "mutatingwebhookconfigurations",
                "validatingadmissionpolicies",
                "validatingadmissionpolicybindings",
                "mutatingadmissionpolicies",
                "mutatingadmissionpolicybindings",
            ),
        ),
        Calls(_CHANGE, "apiextensions.k8s.io", ("customresourcedefinitions", "customresourcedefinitions/status")),
        Calls(_CHANGE, "apiregistration.k8s.io", ("apiservices", "apiservices/status")),
    ),
    Power.CHANGE_NODES: (
        Calls(_CHANGE, "", ("nodes", "nodes/status", "persistentvolumes")),
        Calls(frozenset({"create"}), "", ("pods/binding", "bindings")),
        Calls(_CHANGE, "storage.k8s.io", ("storageclasses", "csidrivers", "csinodes")),
        Calls(_CHANGE, "scheduling.k8s.io", ("priorityclasses",)),
        Calls(_CHANGE, "node.k8s.io", ("runtimeclasses",)),
    ),
    Power.SIGN_CERTIFICATES: (
        Calls(
            frozenset({"update", "patch"}),
            _CERTIFICATES,
            ("certificatesigningrequests/approval", "certificatesigningrequests/status"),
        ),
        Calls(frozenset({"approve", "sign", "attest"}), _CERTIFICATES, ("signers",)),
        Calls(_CHANGE, _CERTIFICATES, ("clustertrustbundles",)),
    ),
}
"""Each power with the calls that give it, any of them."""

IMPLIED: Mapping[Power, tuple[Power, ...]] = {
    # A pod mounts any Secret of its namespace and runs as any of its service accounts.
    Power.RUN_PODS: (Power.READ_SECRETS, Power.MAKE_TOKENS),
    # The files of a pod that runs are those that it has mounted.
    Power.ENTER_PODS: (Power.READ_SECRETS, Power.MAKE_TOKENS),
}
"""Powers that come with another one."""


class Granted(NamedTuple):
    """A power with the calls (verb and `resource.group`) by which a rule gives it.

    `implied_by` is the power that brings this one with it.
    """

    power: Power
    calls: tuple[tuple[str, str], ...]
    implied_by: Power | None = None


def powers(grants: Grants) -> tuple[Granted, ...]:
    """The powers that a rule gives, in the table's order, each followed by those that it implies."""
    found: list[Granted] = []
    for power, calls in POWERS.items():
        given = Granted(power, tuple(_given(calls, grants)))
        if given.calls:
            found.append(given)
            found += (Granted(more, given.calls, power) for more in IMPLIED.get(power, ()))
    return tuple(found)


def _given(calls: Iterable[Calls], grants: Grants) -> Iterator[tuple[str, str]]:
    for call in calls:
        verbs = sorted(call.verbs if ALL in grants.verbs else call.verbs & grants.verbs)
        for kind in call.resources:
            if verbs and _reaches(grants, call.group, kind):
                resource = f"{kind}.{call.group}" if call.group else kind
                yield from ((verb, resource) for verb in verbs)


def _reaches(grants: Grants, group: str, resource: str) -> bool:
    kind, _, subresource = resource.partition("/")
    if subresource != ALL:
        return grants.resource(group, resource)
    some = (one for one in grants.resources if one.startswith((f"{kind}/", "*/")))
    return grants.resource(group, resource) or any(
        grants.resource(group, f"{kind}/{one.partition('/')[2]}") for one in some
    )

"""Rules of exposure: the gateway is the only way in and the only way out, and nobody goes around the mesh."""

from tenantmesh.checks.finding import Rule, Severity

_EGRESS = (
    "https://istio.io/latest/docs/tasks/traffic-management/egress/egress-gateway/#additional-security-considerations"
)
_STANDARDS = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"

EXPOSED = Rule(
    id="exposed-past-gateway",
    severity=Severity.ERROR,
    title="Clients outside the cluster reach a tenant by its gateway and no other way.",
    why="What is reached past the gateway has none of its TLS, authentication, authorization and limits before it.",
    fix="open the gateway's pods only, make the Service ClusterIP and route to it through the gateway",
    sources=("https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",),
)
EGRESS_BYPASS = Rule(
    id="egress-bypass",
    severity=Severity.ERROR,
    title="The network lets nobody out of a tenant but its egress gateway.",
    why="A sidecar is no boundary: a pod that goes around it reaches any outside address, unseen and with any data.",
    fix="let only the egress gateway's pods out to addresses outside the cluster",
    sources=(_EGRESS,),
)
EGRESS_INWARD = Rule(
    id="egress-inward",
    severity=Severity.WARNING,
    title="A way to addresses outside leaves out those inside: of pods, of nodes, and the cloud's own.",
    why="A block of addresses leads to whoever has one of them: other tenants' pods, nodes, and 169.254.169.254, where "
    "clouds answer anybody with the credentials of the node.",
    fix="name in `except` what of the block is inside",
    sources=(
        "https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors",
        "https://www.rfc-editor.org/rfc/rfc3927",
    ),
)
SHARED_WIDE = Rule(
    id="shared-egress-wide",
    severity=Severity.WARNING,
    title="A tenant is let out to the pods of a shared namespace that it needs, not to all of them.",
    why="What runs there holds the cluster's rights and every tenant's data, and mostly expects friends only. A port, "
    "be it that of DNS or istiod, names nobody: another pod may listen on it tomorrow.",
    fix="name the pods by a podSelector beside the namespaceSelector, and their ports",
    sources=("https://kubernetes.io/docs/concepts/services-networking/network-policies/",),
)
MESH_BYPASS = Rule(
    id="mesh-bypass",
    severity=Severity.ERROR,
    title="No workload of a tenant goes around its proxy, or can.",
    why="Traffic that the proxy does not see has no identity and meets no policy but the network's.",
    fix="remove what goes around the proxy",
    sources=("https://istio.io/latest/docs/ops/best-practices/security/",),
)
ESCAPES = Rule(
    id="pod-escapes",
    severity=Severity.ERROR,
    title="No pod of a tenant is more than a pod: the node's network, files, processes and kernel are not its own.",
    why="Who holds the node holds all pods on it, whoever's they are. No policy holds what is in its network.",
    fix="take the setting away, and have the namespace enforce the Pod Security Standard baseline at least",
    sources=(_STANDARDS,),
)
HARDENING = Rule(
    id="pod-hardening",
    severity=Severity.WARNING,
    title="Pods of a tenant run as they would under the Pod Security Standard restricted.",
    why="Root in a container, privileges that can be gained and forged packets are half of the way to the node.",
    fix="set runAsNonRoot, allowPrivilegeEscalation: false, a seccompProfile, and drop all capabilities",
    sources=(_STANDARDS,),
)

RULES = (EXPOSED, EGRESS_BYPASS, EGRESS_INWARD, SHARED_WIDE, MESH_BYPASS, ESCAPES, HARDENING)

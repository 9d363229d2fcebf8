"""Every label and annotation that tenantmesh writes or selects by, spelled in this one place."""

from tenantmesh.spec.names import gateway_name

# Ours. Selectors trust them, so tenants' roles may not change namespaces.
TENANT = "tenantmesh.dev/tenant"
PROJECT = "tenantmesh.dev/project"
# An annotation: why a grant was given.
REASON = "tenantmesh.dev/reason"
SETTINGS = "tenantmesh.dev/settings"
# Annotations of a namespace: the grants and the project that its tenant declares, JSON, for whoever proves isolation.
EXPORTS = "tenantmesh.dev/exports"
IMPORTS = "tenantmesh.dev/imports"
PEERS = "tenantmesh.dev/peers"
# The same, of the namespace of a gateway: what is asked of clients at its hosts, whose tokens, and whose addresses; and
# who may call which host outside.
DOORS = "tenantmesh.dev/doors"
TOKENS = "tenantmesh.dev/tokens"
CALLERS = "tenantmesh.dev/callers"
RANGES = "tenantmesh.dev/ranges"
# And, by the place of its issuer, the digest of a key set that is not known before it is deployed.
KEYS = "tenantmesh.dev/keys-{}"
# The same, of the namespace of a service that takes plain text until a day.
PERMISSIVE = "tenantmesh.dev/permissive"

# A label of gateway pods: those that have the files of a login, and so may have its filter.
LOGIN = "tenantmesh.dev/login"
WITH_FILES = "true"

# Kubernetes' recommended labels, https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
NAME = "app.kubernetes.io/name"
INSTANCE = "app.kubernetes.io/instance"
COMPONENT = "app.kubernetes.io/component"
PART_OF = "app.kubernetes.io/part-of"
MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGER = "tenantmesh"

# Set by the API server on every namespace and not changeable by anybody: the only label that names a namespace safely.
NAMESPACE_NAME = "kubernetes.io/metadata.name"

# Pod Security admission, https://kubernetes.io/docs/concepts/security/pod-security-admission/
POD_SECURITY_MODES = ("enforce", "audit", "warn")
POD_SECURITY_PREFIX = "pod-security.kubernetes.io/"

# Istio, https://istio.io/latest/docs/reference/config/labels/ and …/annotations/
ISTIO = "istio"
ISTIO_APP = "app"
ISTIO_CONTROL_PLANE_APP = "istiod"
ISTIO_VERSION = "version"
ISTIO_INJECTION = "istio-injection"
ISTIO_REVISION = "istio.io/rev"
SIDECAR_INJECT = "sidecar.istio.io/inject"
INJECT_TEMPLATES = "inject.istio.io/templates"
PROXY_CONFIG = "proxy.istio.io/config"
EXPORT_TO = "networking.istio.io/exportTo"

# ExternalDNS, https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/
EXTERNAL_DNS_HOSTNAME = "external-dns.alpha.kubernetes.io/hostname"

# Gateways have these too, so that none of them names the pods of a service.
COMMON = frozenset({COMPONENT, ISTIO, INSTANCE, MANAGED_BY, SIDECAR_INJECT, TENANT})

RESERVED_PREFIXES = ("tenantmesh.dev/", "kubernetes.io/", "pod-security.kubernetes.io/", "istio.io/")


def owned(tenant: str, component: str) -> dict[str, str]:
    """The labels of an object that belongs to `tenant` and serves `component` (fence, ingress, roles, …)."""
    return {COMPONENT: component, MANAGED_BY: MANAGER, TENANT: tenant}


def gateway(tenant: str, role: str) -> dict[str, str]:
    """What selects the pods of one gateway, and no other tenant's: Istio's gateway label with a tenant's own value."""
    return {ISTIO: gateway_name(tenant, role)}


def application(name: str) -> dict[str, str]:
    """What selects the pods of an App, over all of its versions."""
    return {NAME: name}

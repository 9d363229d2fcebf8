"""What the API server and Istio's webhook refuse beyond a kind's schema, as far as mutations come to it.

Sources: `pkg/apis/{core,apps,rbac}/validation` of Kubernetes and `pkg/config/validation` of Istio.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tenantmesh.checks.parts import Part, labels, part, parts, texts
from tenantmesh.manifest import Body


def is_refused(body: Body) -> bool:
    """Whether an object with a valid schema is still no object."""
    return any(refuses(body) for refuses in _BY_KIND.get(str(body.get("kind")), ()))


def _role(body: Body) -> bool:
    """A rule for resources needs verbs, groups and resources."""
    return any(not all(rule.get(field) for field in ("apiGroups", "resources", "verbs")) for rule in _rules(body))


def _rules(body: Body) -> Iterable[Part]:
    return parts(body.get("rules"))


def _binding(body: Body) -> bool:
    accounts = [one for one in parts(body.get("subjects")) if one.get("kind") == "ServiceAccount"]
    return any(not one.get("namespace") for one in accounts)


def _secret(body: Body) -> bool:
    data = part(body, "data")
    return body.get("type") == "kubernetes.io/tls" and not ("tls.crt" in data and "tls.key" in data)


def _quota(body: Body) -> bool:
    """A scope that is In names what it is in."""
    terms = parts(part(body, "spec", "scopeSelector").get("matchExpressions"))
    return any(term.get("operator") == "In" and not term.get("values") for term in terms)


def _service(body: Body) -> bool:
    """Ports are needed where there is an address, and names where there are several."""
    ports = parts(part(body, "spec").get("ports"))
    if part(body, "spec").get("type") == "ExternalName":
        return False
    return not ports or (len(ports) > 1 and any(not port.get("name") for port in ports))


def _deployment(body: Body) -> bool:
    """Its selector selects the pods of its template."""
    selected = labels(part(body, "spec", "selector").get("matchLabels"))
    return (
        not selected or not selected.items() <= labels(part(body, "spec", "template", "metadata").get("labels")).items()
    )


def _pod(body: Body) -> bool:
    """It has containers, with an image each, which mount volumes that are there and are asked something by a probe."""
    pod = part(body, "spec", "template", "spec")
    volumes = {one.get("name") for one in parts(pod.get("volumes"))}
    found = parts(pod.get("containers"))
    return not found or any(_container(one, volumes) for one in found)


def _container(container: Part, volumes: set[Any]) -> bool:
    mounted = {one.get("name") for one in parts(container.get("volumeMounts"))}
    probe = container.get("readinessProbe")
    unasked = probe is not None and not any(how in part(probe) for how in ("exec", "grpc", "httpGet", "tcpSocket"))
    return not container.get("image") or not mounted <= volumes or unasked


def _gateway(body: Body) -> bool:
    servers = parts(part(body, "spec").get("servers"))
    return not servers or any(not texts(one.get("hosts")) or _tls(one) for one in servers)


def _tls(server: Part) -> bool:
    """TLS that a gateway ends has a certificate, and one that is asked for TLS has it at all."""
    tls = part(server, "tls")
    secure = part(server, "port").get("protocol") in ("HTTPS", "TLS")
    ended = tls.get("mode") in ("SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL")
    return (secure and not tls) or (ended and not (tls.get("credentialName") or tls.get("serverCertificate")))


def _virtual_service(body: Body) -> bool:
    found = part(body, "spec")
    routes = parts(found.get("http"))
    return not texts(found.get("hosts")) or not routes or any(_aimless(one) for one in routes)


def _aimless(route: Part) -> bool:
    targets = parts(route.get("route"))
    return not targets or any(not part(one, "destination").get("host") for one in targets)


def _destination_rule(body: Body) -> bool:
    """A policy says something, and one for a port says which and what."""
    found = part(body, "spec")
    policies = [one["trafficPolicy"] for one in (found, *parts(found.get("subsets"))) if "trafficPolicy" in one]
    levels = [level for one in policies for level in parts(one.get("portLevelSettings"))]
    return not all(policies) or any("port" not in one or len(one) == 1 for one in levels)


def _sidecar(body: Body) -> bool:
    found = part(body, "spec")
    listeners = parts(found.get("egress"))
    return not found or any(not texts(one.get("hosts")) for one in listeners)


_BY_KIND: Mapping[str, tuple[Callable[[Body], bool], ...]] = {
    "DestinationRule": (_destination_rule,),
    "Deployment": (_deployment, _pod),
    "Gateway": (_gateway,),
    "ResourceQuota": (_quota,),
    "Role": (_role,),
    "RoleBinding": (_binding,),
    "Secret": (_secret,),
    "Service": (_service,),
    "Sidecar": (_sidecar,),
    "VirtualService": (_virtual_service,),
}

"""Front doors: what gateways ask of their clients, held against what was declared and against themselves."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from tenantmesh.checks.context import Context
from tenantmesh.checks.declarations.statements import DoorSaid
from tenantmesh.checks.finding import Finding, Rule
from tenantmesh.checks.names import faces_outside
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import Part, labels, part, parts, spec, text, texts
from tenantmesh.checks.rules import doors as rules
from tenantmesh.manifest import ManifestObject

_SECURE = ("HTTPS", "TLS")
_BROKEN = ("TLSV1_0", "TLSV1_1")
# The mode that a server has whose TLS names none: the first of Istio's own.
_DEFAULT = "PASSTHROUGH"
_MODES = {"mutual": ("MUTUAL",), "passthrough": ("PASSTHROUGH",), "simple": ("MUTUAL", "OPTIONAL_MUTUAL", "SIMPLE")}
_INSTEAD = {
    "MUTUAL": "asks for a certificate itself",
    "OPTIONAL_MUTUAL": "lets in clients that show no certificate",
    "PASSTHROUGH": "hands TLS on and asks its clients for nothing",
    "SIMPLE": "asks its clients for no certificate",
}
# What is said of clients' certificates, which a server that asks for none never reads.
_OF_CLIENTS = (
    "subjectAltNames",
    "caCertificates",
    "caCertCredentialName",
    "caCrl",
    "verifyCertificateHash",
    "verifyCertificateSpki",
)
_OTHER_AUTHORITY = ("caCertificates", "caCertCredentialName")


class _Server(Struct, frozen=True):
    """One server of a Gateway that clients outside reach."""

    gateway: ManifestObject
    path: str
    body: Part

    @property
    def tls(self) -> Part:
        return part(self.body, "tls")

    @property
    def mode(self) -> str:
        return text(self.tls.get("mode")) or _DEFAULT

    @property
    def hosts(self) -> list[str]:
        return [host.rpartition("/")[2].lower() for host in texts(self.body.get("hosts"))]

    @property
    def is_secure(self) -> bool:
        return text(part(self.body, "port").get("protocol")).upper() in _SECURE

    @property
    def is_plain(self) -> bool:
        """Whether requests are answered in plain text, and not sent on to where TLS is."""
        return not self.is_secure and self.tls.get("httpsRedirect") is not True


def check(context: Context, outcome: Outcome) -> None:
    """Add the servers of a tenant's gateways that ask less of clients than was declared, or than they say."""
    servers = [
        _Server(one, f"spec.servers[{at}]", body)
        for one in context.objects(outcome.tenant, "networking.istio.io", "Gateway")
        for at, body in enumerate(parts(spec(one).get("servers")))
        if faces_outside(body)
    ]
    asking = {host for one in servers if one.is_secure and one.mode == "MUTUAL" for host in one.hosts}
    for server in servers:
        outcome.findings += _declared(outcome.tenant, server, context.intent.doors.get(outcome.tenant, ()))
        outcome.findings += _by_itself(outcome.tenant, server, asking)


def said_of_pods(doors: tuple[DoorSaid, ...], pods: Mapping[str, str]) -> tuple[DoorSaid, ...]:
    """What is said of gateways of which some pod may be of those that are selected by `pods`; without that, all."""
    return tuple(door for door in doors if _may_be(pods, door.selector)) or doors


def _may_be(pods: Mapping[str, str], selector: Mapping[str, str]) -> bool:
    return all(pods.get(name, value) == value for name, value in selector.items())


def covers(name: str, host: str) -> bool:
    """Whether a host, or all that are under it, is one that a name with or without a wildcard stands for."""
    return name in ("*", host) or _is_under(host, name)


def _declared(tenant: str, server: _Server, doors: tuple[DoorSaid, ...]) -> Iterator[Finding]:
    here = said_of_pods(doors, labels(spec(server.gateway).get("selector")))
    for door in doors:
        host = next((one for one in server.hosts if door in (_said_of(one, here) or _said_of(one, doors))), "")
        for what in _weaker(server, door) if host else ():
            yield _found(rules.DOOR_WEAKENED, tenant, server, host, f"{what}, and {door.tls} TLS was declared")


def _said_of(host: str, doors: tuple[DoorSaid, ...]) -> tuple[DoorSaid, ...]:
    """What is said of a host: by the most specific that covers it, as Envoy picks; without one by all that meet it."""
    said = [(name.lower(), door) for door in doors for name in door.hosts]
    covering = [(name == host, len(name), door) for name, door in said if covers(name, host)]
    if not covering:
        return tuple(door for name, door in said if _meet(host, name))
    most = max(one[:2] for one in covering)
    return tuple(door for *how, door in covering if tuple(how) == most)


def _weaker(server: _Server, door: DoorSaid) -> Iterator[str]:
    """In which ways a server asks less than was declared."""
    tls = server.tls
    if door.tls == "none":
        return
    if not server.is_secure:
        yield from ("answers in plain text",) if server.is_plain else ()
        return
    if not tls or server.mode not in _MODES[door.tls]:
        yield _INSTEAD.get(server.mode, f"is of the mode {server.mode}") if tls else "has no TLS"
    elif server.mode != "PASSTHROUGH":
        if door.secret and (tls.get("credentialName") != door.secret or any(tls.get(one) for one in _OTHER_AUTHORITY)):
            yield f"takes its certificate or its clients' authority from elsewhere than {door.secret}"
        if door.tls == "mutual" and door.clients:
            names = texts(tls.get("subjectAltNames"))
            if not names or not set(names) <= set(door.clients):
                yield f"takes other clients than {', '.join(door.clients)}"


def _by_itself(tenant: str, server: _Server, asking: set[str]) -> Iterator[Finding]:
    """What contradicts itself, whatever was declared."""
    host = next(iter(server.hosts), "*")
    if not server.is_secure:
        bare = next((one for one in server.hosts if server.is_plain and one in asking), "")
        if bare:
            what = "answers in plain text, where another of its servers asks for a client's certificate"
            yield _found(rules.WEAK_TLS, tenant, server, bare, what)
        return
    said = [one for one in _OF_CLIENTS if server.tls.get(one)]
    if said and server.mode == "SIMPLE":
        yield _found(rules.WEAK_TLS, tenant, server, host, f"has {said[0]} for clients' certificates and asks for none")
    version = server.tls.get("minProtocolVersion")
    if version in _BROKEN:
        yield _found(rules.WEAK_TLS, tenant, server, host, f"takes {version}")


def _meet(one: str, other: str) -> bool:
    """Whether some name is under both."""
    return one in ("*", other) or other == "*" or _is_under(one, other) or _is_under(other, one)


def _is_under(name: str, wildcard: str) -> bool:
    return wildcard.startswith("*.") and name.endswith(wildcard[1:])


def _found(rule: Rule, tenant: str, server: _Server, host: str, what: str) -> Finding:
    return finding(
        rule,
        (tenant,),
        (server.gateway,),
        witness=f"outside -> {host.replace('*', 'any', 1)}:{part(server.body, 'port').get('number')}",
        message=f"{server.gateway.key} {what} ({server.path})",
    )

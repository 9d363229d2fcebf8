"""Random policies and requests over a small vocabulary, so that they meet often."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from tenantmesh.graph.flow import ContainerPort, Endpoint, Outside, Proxy, Request, Workload

ROOT = "istio-system"
NAMESPACES = ("app", "app--b", "shop", "other")
ACCOUNTS = ("default", "web", "web-admin")
PORTS = (8080, 8443, 9090)
ISSUERS = ("https://issuer.example.com", "issuer-b")
SUBJECTS = ("alice", "bob")

Values = Callable[[Random], str]
Body = dict[str, Any]


class World(NamedTuple):
    """One mesh: its policies, and the workload that is asked about."""

    policies: tuple[Body, ...]
    destination: Workload
    trust_domains: tuple[str, ...]


def world(random: Random) -> World:
    """A mesh with a few policies of each kind."""
    labels = {"app": random.choice(("web", "db")), **({"tier": "x"} if random.random() < 0.5 else {})}
    destination = Workload(
        namespace="app",
        name="web",
        labels=labels,
        ports=tuple(ContainerPort(number=port) for port in PORTS),
        addresses=("10.0.1.1",),
        proxy=Proxy.SIDECAR,
    )
    policies = [_authorization(random, index) for index in range(random.randint(1, 4))]
    policies += [_peer(random, index) for index in range(random.randint(0, 3))]
    aliases = random.choice(((), (), ("old-td",), ("old-td", "*-td")))
    domain = random.choice(("cluster.local", "cluster.local", "td.example"))
    return World(tuple(policies), destination, (domain, *aliases))


def sources(random: Random) -> Endpoint:
    """Somebody: a member of the mesh mostly, else a pod without a proxy or somebody outside."""
    if random.random() < 0.1:
        return Outside(address=random.choice(_ADDRESSES))
    return Workload(
        namespace=random.choice(NAMESPACES),
        name="client",
        service_account=random.choice(ACCOUNTS),
        addresses=(random.choice(_ADDRESSES),),
        proxy=random.choice((Proxy.SIDECAR, Proxy.SIDECAR, Proxy.SIDECAR, Proxy.NONE)),
    )


def requests(random: Random) -> Request:
    """A request, or a connection that is not HTTP."""
    port, sni = random.choice(PORTS), random.choice(("", *_SNIS))
    if random.random() < 0.25:
        return Request(port=port, sni=sni, method="", path="")
    token = random.random() < 0.5
    return Request(
        port=port,
        sni=sni,
        method=random.choice(_METHODS),
        path=random.choice(_PATHS),
        host=random.choice(_HOSTS),
        headers={"x-kind": random.choice(_HEADERS)} if random.random() < 0.5 else {},
        request_principal=f"{random.choice(ISSUERS)}/{random.choice(SUBJECTS)}" if token else "",
        audiences=tuple(random.sample(_AUDIENCES, random.randint(0, 2))) if token else (),
        presenter=random.choice(("", "presenter")) if token else "",
        claims=_claims(random) if token else {},
    )


_ADDRESSES = ("10.0.0.1", "10.0.7.9", "192.0.2.4", "203.0.113.9")
_SNIS = ("web.example.com", "db.example.com", "web.example.org")
_METHODS = ("GET", "POST", "PATCH")
_PATHS = ("/", "/api", "/api/v1", "/api/v1/x?a=/admin", "/admin/", "/admin/x/y", "/files/a.txt", "/API")
_HOSTS = ("web.example.com", "WEB.example.com", "web.example.com:8080", "db.example.com", "")
_HEADERS = ("", "one", "one-more", "two")
_AUDIENCES = ("aud-a", "aud-b")
_ROLES: tuple[Any, ...] = ("admin", "admin user", ["admin", "user"], {"inner": ["admin"]}, 7, True)


def _claims(random: Random) -> Mapping[str, Any]:
    return {name: random.choice(_ROLES) for name in ("role", "scope") if random.random() < 0.6} | (
        {"nested": {"role": random.choice(_ROLES)}} if random.random() < 0.4 else {}
    )


def _one_of(*values: str) -> Values:
    return lambda random: random.choice(values)


def _principal(random: Random) -> str:
    domain = random.choice(("cluster.local", "td.example", "old-td", "new-td", "foreign", "*"))
    account = random.choice((*ACCOUNTS, "*", "web*"))
    return f"{domain}/ns/{random.choice(NAMESPACES)}/sa/{account}"


def _principals(random: Random) -> str:
    others = (
        "*",
        "*/sa/web",
        "*/ns/shop/sa/web",
        "cluster.local/ns/app*",
        "cluster.local/ns/app/*",
        "td.example/ns/app*",
        "*web",
        "*min",
        "cluster*",
        "foreign*",
    )
    return random.choice(others) if random.random() < 0.3 else _principal(random)


_BLOCKS = _one_of("10.0.0.0/16", "10.0.0.1", "192.0.2.0/24", "0.0.0.0/0", "10.0.7.0/24")
_SOURCE: Mapping[str, Values] = {
    "principals": _principals,
    "requestPrincipals": _one_of(
        "*",
        f"{ISSUERS[0]}/*",
        f"{ISSUERS[0]}/alice",
        "issuer-b/bob",
        "issuer-b/al*",
        "*/alice",
        "*-b/bob",
        "*ob",
        "issuer*",
        "issuer-b",
    ),
    "namespaces": _one_of(*NAMESPACES, "*", "app*", "*op", "ap*b", "*a", "*r"),
    "trustDomains": _one_of("cluster.local", "td.example", "old-td", "*", "cluster*", "*.example", "foreign"),
    "ipBlocks": _BLOCKS,
    "remoteIpBlocks": _BLOCKS,
}
_ACCOUNTS = _one_of("web", "default", "shop/web", "app/web-admin", "other/default", "we.", "sh.p/web")
_PORT = _one_of(*(str(port) for port in PORTS))
_OPERATION: Mapping[str, Values] = {
    "hosts": _one_of("web.example.com", "*.example.com", "web.*", "Web.Example.Com", "*", "web.example.com:8080"),
    "ports": _PORT,
    "methods": _one_of(*_METHODS, "*", "P*", "*T"),
    "paths": _one_of(
        "/api",
        "/api*",
        "*.txt",
        "/admin/*",
        "*",
        "/",
        "/api/{*}",
        "/admin/{**}",
        "/{*}/v1",
        "/admin/{**}/",
        "/admin/{*}/y",
    ),
}
_WHEN: Mapping[str, Values] = {
    "request.headers[x-kind]": _one_of("one", "one*", "*more", "*", "two"),
    "request.headers[X-Kind]": _one_of("one", "*"),
    "source.ip": _BLOCKS,
    "remote.ip": _BLOCKS,
    "source.namespace": _SOURCE["namespaces"],
    "source.principal": _principals,
    "source.serviceAccount": _ACCOUNTS,
    "source.trustDomain": _SOURCE["trustDomains"],
    "request.auth.principal": _SOURCE["requestPrincipals"],
    "request.auth.audiences": _one_of("aud-a", "aud*", "*", "*-b"),
    "request.auth.presenter": _one_of("presenter", "*", "pre*"),
    "request.auth.claims[role]": _one_of("admin", "ad*", "*", "*user", "admin user", "7", "True", "true"),
    "request.auth.claims[scope]": _one_of("admin", "user", "admin user", "*"),
    "request.auth.claims[nested][role]": _one_of("admin", "*"),
    "request.auth.claims[iss]": _one_of(*ISSUERS, "*-b"),
    "request.auth.claims[aud]": _one_of("aud-a", "*"),
    "destination.ip": _BLOCKS,
    "destination.port": _PORT,
    "connection.sni": _one_of("web.example.com", "*.example.com", "web.*", "*"),
}


def _values(random: Random, of: Values) -> list[str]:
    return [of(random) for _ in range(random.randint(1, 2))]


def _negated(name: str) -> str:
    return f"not{name[0].upper()}{name[1:]}"


def _fields(random: Random, of: Mapping[str, Values], most: int) -> Body:
    found: Body = {}
    for name in random.sample(sorted(of), random.randint(1, most)):
        for spelled in random.choice(((name,), (name,), (_negated(name),), (name, _negated(name)))):
            found[spelled] = _values(random, of[name])
    return found


def _source(random: Random) -> Body:
    if random.random() < 0.2:
        spelled = random.choice(("serviceAccounts", "notServiceAccounts"))
        return {spelled: _values(random, _ACCOUNTS)}
    return _fields(random, _SOURCE, 2)


def _condition(random: Random) -> Body:
    key = random.choice(sorted(_WHEN))
    spelled: Sequence[str] = random.choice((("values",), ("values",), ("notValues",), ("values", "notValues")))
    return {"key": key, **{name: _values(random, _WHEN[key]) for name in spelled}}


def _rule(random: Random) -> Body:
    found: Body = {}
    if random.random() < 0.7:
        found["from"] = [{"source": _source(random)} for _ in range(random.randint(1, 2))]
    if random.random() < 0.5:
        found["to"] = [{"operation": _fields(random, _OPERATION, 2)} for _ in range(random.randint(1, 2))]
    if random.random() < 0.35:
        found["when"] = [_condition(random) for _ in range(random.randint(1, 2))]
    return found


def _selector(random: Random) -> Body:
    return random.choice(
        (
            {},
            {},
            {"selector": {"matchLabels": {"app": "web"}}},
            {"selector": {"matchLabels": {"app": "db"}}},
            {"selector": {"matchLabels": {"app": "web", "tier": "x"}}},
            {"selector": {"matchLabels": {}}},
        )
    )


def _metadata(random: Random, name: str, namespaces: Sequence[str]) -> Body:
    stamp = f"2026-01-0{random.randint(1, 3)}T00:00:00Z"
    return {"name": name, "namespace": random.choice(namespaces), "creationTimestamp": stamp}


def _authorization(random: Random, index: int) -> Body:
    metadata = _metadata(random, f"policy-{index}", ("app", "app", "app", ROOT, "shop"))
    action = random.choice(("ALLOW", "ALLOW", "DENY", "AUDIT"))
    if random.random() < 0.1 and action != "AUDIT":
        metadata["annotations"] = {"istio.io/dry-run": random.choice(("true", "false", "T"))}
    rules = [_rule(random) for _ in range(random.randint(0 if action == "ALLOW" else 1, 3))]
    spec = {"action": action, "rules": rules, **_selector(random)}
    return _object("AuthorizationPolicy", metadata, spec)


def _peer(random: Random, index: int) -> Body:
    modes = ("STRICT", "STRICT", "PERMISSIVE", "DISABLE", "UNSET")
    spec = _selector(random)
    if random.random() < 0.8:
        spec = {**spec, "mtls": {"mode": random.choice(modes)}}
    if spec.get("selector", {}).get("matchLabels") and random.random() < 0.6:
        ports = random.sample(PORTS, random.randint(1, 2))
        spec = {**spec, "portLevelMtls": {str(port): {"mode": random.choice(modes)} for port in ports}}
    return _object("PeerAuthentication", _metadata(random, f"peer-{index}", ("app", "app", ROOT)), spec)


def _object(kind: str, metadata: Body, spec: Body) -> Body:
    return {"apiVersion": "security.istio.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


def tokens() -> Body:
    """What accepts a token of every issuer at every workload of the mesh."""
    rules = [{"issuer": issuer, "jwks": "{}"} for issuer in ISSUERS]
    return _object("RequestAuthentication", {"name": "tokens", "namespace": ROOT}, {"jwtRules": rules})

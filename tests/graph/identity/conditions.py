"""Every condition that a rule of an AuthorizationPolicy can make, and requests that do and do not fulfil it.

The references are https://istio.io/latest/docs/reference/config/security/authorization-policy/ (the fields),
https://istio.io/latest/docs/reference/config/security/conditions/ (the keys) and, for how values match,
https://istio.io/latest/docs/concepts/security/#value-matching ("exact match, prefix match, suffix match, presence").
"""

from typing import Any, NamedTuple

from tenantmesh.graph.flow import Endpoint, Outside, Request
from tests.graph.identity.objects import GET, STRANGER, TCP, client

Flow = tuple[Endpoint, Request]


class Row(NamedTuple):
    """One condition: a field of `source` or `operation`, or a key of `when`."""

    place: str
    name: str
    values: list[str]
    fits: list[Flow]
    others: list[Flow]

    @property
    def id(self) -> str:
        return f"{self.name} {' '.join(self.values)}"

    def rule(self, *, negated: bool) -> dict[str, Any]:
        """A rule that asks for it, or for its opposite."""
        if self.place == "when":
            return {"when": [{"key": self.name, "notValues" if negated else "values": self.values}]}
        name = f"not{self.name[0].upper()}{self.name[1:]}" if negated else self.name
        return {"from" if self.place == "source" else "to": [{self.place: {name: self.values}}]}


def sent(**fields: Any) -> Flow:
    """A request by the usual client."""
    return client(), Request(**{"port": 8080, **fields})


def by(place: str = "a", account: str = "client") -> Flow:
    """A request from another namespace, or as another service account."""
    return client(place, account), GET


def with_token(principal: str = "issuer/alice", **fields: Any) -> Flow:
    """A request with a valid token."""
    return sent(request_principal=principal, **fields)


def _from(address: str) -> Flow:
    return client(addresses=(address,)), GET


NO_TOKEN = sent()
NAMELESS = (STRANGER, GET)
"""No certificate, on a port that takes plain text."""
TCP_BY_A = (client(), TCP)

# "Principals: peer identities derived from the peer certificate": <TRUST_DOMAIN>/ns/<NAMESPACE>/sa/<SERVICE_ACCOUNT>.
PRINCIPALS = [
    (["cluster.local/ns/a/sa/client"], [by(), TCP_BY_A], [by("a", "other"), by("ab"), by("a", "client-2"), NAMELESS]),
    (["cluster.local/ns/a/*"], [by(), by("a", "other")], [by("ab"), by("b"), NAMELESS]),
    (["cluster.local/ns/a*"], [by(), by("ab")], [by("ba"), NAMELESS]),
    (["*/sa/client"], [by(), by("c")], [by("a", "other"), by("a", "client-2"), NAMELESS]),
    (["*client"], [by(), by("a", "my-client")], [by("a", "clients"), NAMELESS]),
    (["*"], [by(), by("c", "x"), TCP_BY_A], [NAMELESS, (STRANGER, TCP), (Outside(), GET)]),
    (["elsewhere/ns/a/sa/client"], [], [by(), NAMELESS]),
    (["cluster.local/ns/c/sa/x", "cluster.local/ns/a/sa/client"], [by(), by("c", "x")], [by("c"), by("a", "x")]),
]
# "Namespaces: a list of namespaces derived from the peer certificate."
NAMESPACES = [
    (["a"], [by(), TCP_BY_A], [by("ab"), by("b"), NAMELESS]),
    (["a*"], [by(), by("ab")], [by("ba"), NAMELESS]),
    (["*"], [by(), by("c")], [NAMELESS]),
    (["c", "d"], [by("c"), by("d")], [by(), NAMELESS]),
]
# "Service accounts": <NAMESPACE>/<NAME>, or <NAME> of the policy's own namespace, and no kind of wildcard.
SERVICE_ACCOUNTS = [
    (["a/client"], [by(), TCP_BY_A], [by("b"), by("a", "clients"), by("a", "client-2"), NAMELESS]),
    (["client"], [by("b")], [by(), NAMELESS]),
]
# "Trust domains: a list of trust domains derived from the peer certificate."
TRUST_DOMAINS = [
    (["cluster.local"], [by(), by("c", "x")], [NAMELESS]),
    (["cluster*"], [by()], [NAMELESS]),
    (["*.local"], [by()], [NAMELESS]),
    (["*"], [by()], [NAMELESS]),
    (["cluster"], [], [by(), NAMELESS]),
    (["elsewhere"], [], [by(), NAMELESS]),
]
# "Single IP (e.g. 203.0.113.4) and CIDR (e.g. 203.0.113.0/24) are supported."
ADDRESSES = [
    (["203.0.113.4"], [_from("203.0.113.4")], [_from("203.0.113.5")]),
    (["203.0.113.0/24", "10.0.0.0/8"], [_from("203.0.113.4"), _from("10.1.2.3")], [_from("203.0.114.4")]),
    (["2001:db8::/32"], [_from("2001:db8::1")], [_from("2001:db9::1"), _from("10.0.0.1")]),
]
# "Request principals: <ISS>/<SUB> of the token"; requests without a token have none.
REQUEST_PRINCIPALS = [
    (["issuer/alice"], [with_token()], [with_token("issuer/bob"), with_token("issuer-2/alice"), NO_TOKEN]),
    (["issuer/*"], [with_token(), with_token("issuer/bob")], [with_token("issuer-2/alice"), NO_TOKEN]),
    (["*/alice"], [with_token(), with_token("issuer-2/alice")], [with_token("issuer/bob"), NO_TOKEN]),
    (["*"], [with_token(), with_token("issuer-2/bob")], [NO_TOKEN]),
]
# "Hosts: a list of hosts as specified in the HTTP request. The match is case-insensitive."
HOSTS = [
    (["shop.example.com"], [sent(host="shop.example.com"), sent(host="SHOP.Example.com")], [sent(host="example.com")]),
    (["Shop.Example.Com"], [sent(host="shop.example.com")], [sent(host="shop.example.org"), sent()]),
    (["*.example.com"], [sent(host="a.example.com"), sent(host="A.EXAMPLE.COM")], [sent(host="example.com")]),
    (["shop.*"], [sent(host="shop.org"), sent(host="Shop.org")], [sent(host="myshop.org")]),
    (["shop.example.com:*"], [sent(host="shop.example.com:80")], [sent(host="shop.example.com")]),
    (["*"], [sent(host="anything")], [sent()]),
]
# "Ports: a list of ports as specified in the connection": what the workload listens on.
PORTS = [
    (["8080"], [sent(), TCP_BY_A], [sent(port=9090), sent(port=80), sent(port=18080)]),
    (["80", "9090"], [sent(port=9090), sent(port=80)], [sent()]),
]
METHODS = [
    (["GET"], [sent()], [sent(method="POST"), sent(method="GETS"), sent(method="get")]),
    (["P*"], [sent(method="POST"), sent(method="PUT")], [sent(), sent(method="HELP")]),
    (["*T"], [sent(), sent(method="POST")], [sent(method="PATCH")]),
    (["*"], [sent(), sent(method="PATCH")], []),
]
# "Paths", with "{*}" for one path segment and "{**}" for zero or more: both only as whole segments.
PATHS = [
    (["/api"], [sent(path="/api"), sent(path="/api?x=1")], [sent(path="/api/"), sent(path="/API"), sent(path="/apis")]),
    (["/api*"], [sent(path="/api"), sent(path="/apis/x")], [sent(path="/x/api"), sent(path="/ap")]),
    (["*.txt"], [sent(path="/a/b.txt"), sent(path="/b.txt?x=/")], [sent(path="/b.txt/"), sent(path="/x?a=b.txt")]),
    (["*"], [sent(path="/"), sent(path="/x")], []),
    (["/a/{*}/c"], [sent(path="/a/b/c")], [sent(path="/a/c"), sent(path="/a/b/b/c"), sent(path="/a//c")]),
    (["/a/{**}"], [sent(path="/a/b/c"), sent(path="/a/b"), sent(path="/a/")], [sent(path="/b/a/c"), sent(path="/ab")]),
    (["/{*}"], [sent(path="/a")], [sent(path="/"), sent(path="/a/b"), sent(path="/a/")]),
    (["/{**}/c"], [sent(path="/a/b/c"), sent(path="/a/c")], [sent(path="/a/d"), sent(path="/c/d")]),
]
# "request.headers: HTTP request headers. The header name is surrounded by [] without any quotes."
HEADERS = [
    (["one"], [sent(headers={"x-kind": "one"})], [sent(headers={"x-kind": "One"}), sent(headers={"other": "one"})]),
    (["one*"], [sent(headers={"x-kind": "one-2"})], [sent(headers={"x-kind": "no-one"}), sent()]),
    (["*one"], [sent(headers={"x-kind": "no-one"})], [sent(headers={"x-kind": "one-2"}), sent()]),
    (["*"], [sent(headers={"x-kind": "x"}), sent(headers={"x-kind": ""})], [sent()]),
]
# "request.auth.claims: raw claims of the authenticated JWT token. Nested claims are supported, and lists of strings."
CLAIMS = [
    (["admin"], [with_token(claims={"role": "admin"})], [with_token(claims={"role": "admin user"}), NO_TOKEN]),
    (["admin"], [with_token(claims={"role": ["user", "admin"]})], [with_token(claims={"role": ["user"]})]),
    (["ad*"], [with_token(claims={"role": "admin"})], [with_token(claims={"role": "bad"}), with_token()]),
    (["*in"], [with_token(claims={"role": ["admin"]})], [with_token(claims={"role": "inn"})]),
    (["*"], [with_token(claims={"role": "x"})], [with_token(claims={"other": "x"}), NO_TOKEN]),
]
NESTED = [
    (["admin"], [with_token(claims={"x": {"role": "admin"}})], [with_token(claims={"role": "admin"}), NO_TOKEN]),
]
SCOPES = [
    # Claims of words, as OAuth writes scopes (RFC 8693 section 4.2), are lists.
    (["read"], [with_token(claims={"scope": "write read"})], [with_token(claims={"scope": "reads"})]),
]
# "request.auth.audiences: the intended audience(s) for the token"; "request.auth.presenter: the authorized presenter".
AUDIENCES = [
    (["shop"], [with_token(audiences=("x", "shop"))], [with_token(audiences=("shops",)), with_token(), NO_TOKEN]),
    (["sh*"], [with_token(audiences=("shop",))], [with_token(audiences=("fish",)), NO_TOKEN]),
]
PRESENTERS = [
    (["app"], [with_token(presenter="app")], [with_token(presenter="apps"), with_token(), NO_TOKEN]),
    (["*"], [with_token(presenter="app")], [with_token(), NO_TOKEN]),
]
# "connection.sni: the server name indication."
SNIS = [
    (["db.example.com"], [sent(sni="db.example.com")], [sent(sni="db.example.org"), sent(sni="x.db.example.com")]),
    (["*.example.com"], [sent(sni="db.example.com")], [sent(sni="example.com")]),
    (["db.*"], [sent(sni="db.org")], [sent(sni="my.db.org")]),
]
# "destination.ip: destination IP address": `web` has 10.1.0.1 in the tests.
DESTINATIONS = [(["10.1.0.0/16"], [sent()], []), (["10.2.0.1"], [], [sent()])]

_TABLES: dict[tuple[str, str], list[tuple[list[str], list[Flow], list[Flow]]]] = {
    ("source", "principals"): PRINCIPALS,
    ("when", "source.principal"): PRINCIPALS,
    ("source", "namespaces"): NAMESPACES,
    ("when", "source.namespace"): NAMESPACES,
    ("source", "serviceAccounts"): SERVICE_ACCOUNTS,
    ("when", "source.serviceAccount"): SERVICE_ACCOUNTS,
    ("source", "trustDomains"): TRUST_DOMAINS,
    ("when", "source.trustDomain"): TRUST_DOMAINS,
    ("source", "ipBlocks"): ADDRESSES,
    ("when", "source.ip"): ADDRESSES,
    ("source", "remoteIpBlocks"): ADDRESSES,
    ("when", "remote.ip"): ADDRESSES,
    ("source", "requestPrincipals"): REQUEST_PRINCIPALS,
    ("when", "request.auth.principal"): REQUEST_PRINCIPALS,
    ("operation", "hosts"): HOSTS,
    ("operation", "ports"): PORTS,
    ("when", "destination.port"): PORTS,
    ("operation", "methods"): METHODS,
    ("operation", "paths"): PATHS,
    ("when", "request.headers[x-kind]"): HEADERS,
    ("when", "request.headers[X-Kind]"): HEADERS,
    ("when", "request.auth.claims[role]"): CLAIMS,
    ("when", "request.auth.claims[x][role]"): NESTED,
    ("when", "request.auth.claims[scope]"): SCOPES,
    ("when", "request.auth.audiences"): AUDIENCES,
    ("when", "request.auth.presenter"): PRESENTERS,
    ("when", "connection.sni"): SNIS,
    ("when", "destination.ip"): DESTINATIONS,
}
ROWS = [Row(*key, *row) for key, rows in _TABLES.items() for row in rows]
HTTP_ONLY = [
    row
    for row in ROWS
    if row.name in ("hosts", "methods", "paths", "requestPrincipals") or row.name.startswith("request.")
]

"""Random sets of policies and requests for the playground, from the generator that holds the prover against Istio."""

import base64
import json
import time
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from msgspec.structs import replace

from tenantmesh.graph.flow import Request
from tests.graph.identity import generator
from tests.mesh.driving import Body
from tests.mesh.playground import DECLARED, NAMESPACES, OPAQUE, UNDECLARED, Playground, block
from tests.mesh.proving import Question, Way

_PATHS = (
    "/api//v1",
    "//admin/x",
    "/api/../admin/x",
    "/admin%2fx",
    "/%61dmin/x",
    "/API/v1",
    "/admin\\x",
    "/admin/;x",
)
_HOUR = 3600


class Issuer:
    """Signs the tokens of all issuers with one key."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def keys(self) -> str:
        """The JWKS."""
        numbers = self._key.public_key().public_numbers()
        key = {"kty": "EC", "crv": "P-256", "alg": "ES256", "x": _number(numbers.x), "y": _number(numbers.y)}
        return json.dumps({"keys": [key]})

    def token(self, request: Request) -> str:
        """What a request's token is, signed; "" if it has none."""
        if not request.request_principal:
            return ""
        issuer, _, subject = request.request_principal.rpartition("/")
        claims: dict[str, Any] = {**request.claims, "iss": issuer, "sub": subject, "exp": int(time.time()) + _HOUR}
        claims |= {"aud": list(request.audiences)} if request.audiences else {}
        claims |= {"azp": request.presenter} if request.presenter else {}
        parts = ({"alg": "ES256", "typ": "JWT"}, claims)
        signed = ".".join(_text(json.dumps(one).encode()) for one in parts)
        numbers = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_text(b''.join(one.to_bytes(32) for one in numbers))}"


def _number(value: int) -> str:
    return _text(value.to_bytes(32))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def sets(place: Playground, issuer: Issuer, seed: int) -> list[Body]:
    """A set for each namespace, the first with policies for the whole mesh among it."""
    found: list[Body] = []
    for space in NAMESPACES:
        random = Random(f"{seed} {space}")  # noqa: S311 -- reproducible, and no secret
        whole = space == NAMESPACES[0]
        made = [*_policies(random, whole=whole), *_tokens(random, issuer)]
        found += [_placed(one, space, place, seed) for one in made]
    return found


def _policies(random: Random, *, whole: bool) -> list[Body]:
    """Those of a random mesh that have an effect in one namespace, or with `whole` in all; one at least."""
    while True:
        spaces = ("app", generator.ROOT) if whole else ("app",)
        found = [one for one in generator.world(random).policies if one["metadata"]["namespace"] in spaces]
        if found:
            return found


def _tokens(random: Random, issuer: Issuer) -> Iterator[Body]:
    """What reads tokens: nothing, or one that takes some issuers and perhaps audiences."""
    issuers = random.choice(((), generator.ISSUERS, generator.ISSUERS, generator.ISSUERS[:1], generator.ISSUERS[1:]))
    if issuers:
        rules: list[Body] = [{"issuer": one, "jwks": issuer.keys, "forwardOriginalToken": True} for one in issuers]
        if random.random() < 0.3:
            rules[0]["audiences"] = ["aud-a"]
        metadata = {"name": "tokens", "namespace": "app"}
        spec = {"jwtRules": rules}
        if random.random() < 0.3:
            spec["selector"] = {"matchLabels": {"app": "web"}}
        kind = {"apiVersion": "security.istio.io/v1", "kind": "RequestAuthentication"}
        yield {**kind, "metadata": metadata, "spec": spec}


def _placed(body: Body, space: str, place: Playground, seed: int) -> Body:
    """With the names and addresses of the playground for those of the generator."""
    metadata = {name: value for name, value in body["metadata"].items() if name != "creationTimestamp"}
    metadata["name"] = f"{metadata['name']}-{seed}"
    if metadata["namespace"] == "app":
        metadata["namespace"] = space
    text = json.dumps(body["spec"])
    for old, new in _words(space, place).items():
        text = text.replace(old, new)
    return {**body, "metadata": metadata, "spec": json.loads(text)}


def _words(space: str, place: Playground) -> Mapping[str, str]:
    first, last = (place.members[index]["status"]["podIP"] for index in (0, -1))
    return {
        "/issuer.example.com": "/issuer.example.net",
        "10.0.0.0/16": block(first, 16),
        '"10.0.0.1"': f'"{first}"',
        "10.0.7.0/24": block(last, 30),
        "192.0.2.0/24": "203.0.113.0/24",
        "td.example": "cluster.local",
        "example.com": f"{space}.svc.cluster.local",
        "Example.Com": f"{space}.Svc.Cluster.Local",
        "/issuer.example.net": "/issuer.example.com",
    }


def questions(place: Playground, issuer: Issuer, outside: Any, seed: int, number: int) -> Iterator[Question]:
    """`number` of them for each member, from all that there are."""
    for target in place.members:
        space, name = target["metadata"]["namespace"], target["metadata"]["name"]
        random = Random(f"{seed} {space} {name}")  # noqa: S311 -- reproducible, and no secret
        for _ in range(number):
            yield _question(random, place, issuer, outside, target)


def _question(random: Random, place: Playground, issuer: Issuer, outside: Any, target: Body) -> Question:
    source = random.choice((*(one for one in place.members if one is not target), place.stranger, outside))
    member = any(source is one for one in place.members)
    way = Way.BY_SIDECAR if member and random.random() < 0.8 else Way.PAST_SIDECAR
    request = _request(random, target, way)
    metadata = target["metadata"]
    address = place.addresses[metadata["namespace"], metadata["name"]]
    if way is Way.PAST_SIDECAR:
        address = target["status"]["podIP"]
    token = issuer.token(request)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return Question(
        source=source,
        destination=target,
        request=request,
        address=address,
        number=request.port,
        way=way,
        headers=headers,
    )


def _request(random: Random, target: Body, way: Way) -> Request:
    made = replace(generator.requests(random), sni="")
    space, name = target["metadata"]["namespace"], target["metadata"]["name"]
    own = f"{name}.{space}.svc.cluster.local"
    opaque = not made.method or made.port == OPAQUE
    if opaque or (made.port == UNDECLARED and way is Way.BY_SIDECAR):
        made = replace(made, port=OPAQUE if opaque else DECLARED)
    host = made.host.replace("example.com", f"{space}.svc.cluster.local")
    if way is Way.BY_SIDECAR or not host:
        host = random.choice((own, own.upper(), f"{name}.{space}", f"{own}:{made.port}"))
    if opaque:
        return Request(port=OPAQUE, host=host, method="", path="/")
    made = replace(made, host=host)
    if random.random() < 0.2:
        made = replace(made, path=random.choice(_PATHS))
    if random.random() < 0.2:
        forwarded = random.choice(("192.0.2.1", "203.0.113.9", "10.244.1.1, 203.0.113.9"))
        made = replace(made, headers={**made.headers, "x-forwarded-for": forwarded})
    return made

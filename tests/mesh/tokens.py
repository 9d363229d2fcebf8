"""Issuers of tokens that tests make, and gateways of the dev stack that ask for tokens, as the library plans them."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from tenantmesh.args.parse import parse_tenant
from tenantmesh.plan.tenant import plan_tenant
from tests.mesh.driving import Body, Mesh

_KEY_ID = "one"
_ADDED = ("tokens", "require-token")
_CHANGED = "allow-ingress"


def encoded(value: bytes) -> str:
    """base64url without padding, as all parts of a token are."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An issuer, and the one audience that its tokens are for unless said otherwise."""

    name: str
    audience: str
    key: RSAPrivateKey = field(default_factory=_key)

    @property
    def jwks(self) -> str:
        """Its public key."""
        numbers = self.key.public_key().public_numbers()
        parts = {name: encoded(value.to_bytes(256 if name == "n" else 3, "big")) for name, value in _named(numbers)}
        return json.dumps({"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": _KEY_ID, **parts}]})

    def token(self, *, seconds: float = 600, key: RSAPrivateKey | None = None, **claims: Any) -> str:
        """A token that is valid for so long, with claims in place of the usual ones, signed with the issuer's key."""
        now = int(time.time())
        usual = {"iss": self.name, "aud": self.audience, "sub": "anna", "iat": now - 3600, "exp": int(now + seconds)}
        head = {"alg": "RS256", "typ": "JWT", "kid": _KEY_ID}
        signed = ".".join(encoded(json.dumps(part).encode()) for part in (head, usual | claims))
        signature = (key or self.key).sign(signed.encode(), PKCS1v15(), SHA256())
        return f"{signed}.{encoded(signature)}"


def _named(numbers: Any) -> list[tuple[str, int]]:
    return [("n", numbers.n), ("e", numbers.e)]


def bearing(token: str, **headers: str) -> Mapping[str, str]:
    """The headers of a request with a token."""
    return {"authorization": f"Bearer {token}", **headers}


def asking_for(tenant: str, *issuers: Mapping[str, Any]) -> list[Body]:
    """What issuers make of a tenant: two objects, and what its gateway lets through."""
    found = _planned(tenant, issuers)
    return [found[name] for name in (*_ADDED, _CHANGED)]


def open_gateway(tenant: str) -> Body:
    """What the tenant's gateway lets through when it asks for no token."""
    return _planned(tenant, ())[_CHANGED]


def added(bodies: list[Body]) -> list[Body]:
    """The objects that are there only while tokens are asked for."""
    return [body for body in bodies if body["metadata"]["name"] in _ADDED]


def in_the_clear(bodies: list[Body]) -> list[Body]:
    """The same with keys fetched by http: the arguments want https, for which istiod knows no test's certificate."""
    for rule in bodies[0]["spec"]["jwtRules"]:
        rule["jwksUri"] = rule["jwksUri"].replace("https://", "http://")
    return bodies


@contextmanager
def put_on(mesh: Mesh, *bodies: Body) -> Generator[None]:
    """Objects of `asking_for` while the block lasts; then the gateways let through what they usually do."""
    more = added(list(bodies))
    with mesh.changed(*(body for body in bodies if body not in more)), mesh.applied(*more):
        yield


def _planned(tenant: str, issuers: tuple[Mapping[str, Any], ...]) -> dict[str, Body]:
    args = {"domain": f"{tenant}.example.com", "ingress": {"client_tls": "mutual"}, "jwt": list(issuers)}
    found = (dict(body) for body in plan_tenant(parse_tenant(tenant, args)))
    return {body["metadata"]["name"]: body for body in found if body["apiVersion"] == "security.istio.io/v1"}

"""An issuer of tokens that a test makes: its key, the public half as a JSON Web Key Set (RFC 7517), signed tokens."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

_KEY_ID = "one"


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

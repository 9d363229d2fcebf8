"""The complete description of how people in browsers log in at a tenant's ingress gateway."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

REDIRECT_PATH, SIGN_OUT_PATH = "/oauth2/callback", "/oauth2/sign-out"
"""Where people come back from a login, and where they end it, unless said otherwise."""

_HTTPS = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSpec:
    """A client of an OpenID provider, which issues the tokens; both endpoints have https."""

    authorization_endpoint: str
    token_endpoint: str
    client_id: str
    client_secret: object = field(repr=False)
    scopes: tuple[str, ...] = ("openid",)
    redirect_path: str = REDIRECT_PATH
    sign_out_path: str = SIGN_OUT_PATH
    epoch: int = 1

    @property
    def token_host(self) -> str:
        """The host where codes are exchanged for tokens."""
        return urlsplit(self.token_endpoint).hostname or ""

    @property
    def token_port(self) -> int:
        """Its port."""
        return urlsplit(self.token_endpoint).port or _HTTPS

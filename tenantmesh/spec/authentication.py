"""The complete description of whose tokens a tenant's ingress gateway takes, and what they open."""

from dataclasses import dataclass

from tenantmesh.spec.login import LoginSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRuleSpec:
    """What tokens with these claims open; empty `paths` and `methods` stand for any.

    Every claim has to be there with one of its values.
    """

    paths: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    claims: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtSpec:
    """One issuer of tokens; its keys are in `jwks` or fetched from `jwks_uri`.

    `jwks_digest` is that of `jwks`, which is not known before it is deployed; None where that is text.
    `claim_headers` are pairs of a header and the claim that is written to it. Without `allow`, any of the issuer's
    tokens opens everything.
    """

    issuer: str
    audiences: tuple[str, ...]
    jwks: object = ""
    jwks_uri: str = ""
    jwks_digest: object = None
    forward_token: bool = False
    payload_header: str = ""
    claim_headers: tuple[tuple[str, str], ...] = ()
    allow: tuple[TokenRuleSpec, ...] = ()
    login: LoginSpec | None = None

    @property
    def rules(self) -> tuple[TokenRuleSpec, ...]:
        """What its tokens open, spelled out."""
        return self.allow or (TokenRuleSpec(),)

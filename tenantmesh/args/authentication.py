"""What a user writes about the tokens that a tenant's ingress gateway asks for."""

from typing import NotRequired, TypedDict

import pulumi

from tenantmesh.args.login import LoginArgs


class TokenRuleArgs(TypedDict):
    """What a token opens: requests that have all of what is said here."""

    paths: NotRequired[list[str]]
    """Paths, with `*` at the end for all that begins so. Default: any."""
    methods: NotRequired[list[str]]
    """HTTP methods. Default: any."""
    claims: NotRequired[dict[str, list[str]]]
    """Claims that the token has to have, each with one of these values (in a claim that is a list, one of its entries).
    An inner claim is written `outer[inner]`. Default: none."""


class JwtArgs(TypedDict):
    """An issuer of JSON Web Tokens (RFC 7519): with one or more of them, the gateway takes no request without a token.

    An issuer and audience belong to one tenant.
    """

    issuer: str
    """The issuer as in the claim `iss`."""
    audiences: list[str]
    """A token has to be for one of them (claim `aud`)."""
    jwks: NotRequired[pulumi.Input[str]]
    """The issuer's public keys as a JSON Web Key Set (RFC 7517); they don't change behind your back. Exactly one of
    jwks and jwks_uri. Default: none."""
    jwks_uri: NotRequired[str]
    """Where istiod fetches the public keys from, with https. While it can't, no token is accepted. Default: none."""
    forward_token: NotRequired[bool]
    """Whether the Apps see the token too. Default: no."""
    payload_header: NotRequired[str]
    """A header in which the Apps see the token's claims, as base64url of JSON. Default: none."""
    claim_headers: NotRequired[dict[str, str]]
    """Headers in which the Apps see one claim each, by the header's name; what clients write there is dropped.
    Default: none."""
    allow: NotRequired[list[TokenRuleArgs]]
    """What this issuer's tokens open; all else is refused. Default: everything."""
    login: NotRequired[LoginArgs]
    """How people in browsers get this issuer's tokens; one issuer at most has it. Default: they bring one."""

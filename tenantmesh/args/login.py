"""What a user writes about people who log in at a tenant's ingress gateway."""

from typing import NotRequired, TypedDict

import pulumi


class LoginArgs(TypedDict):
    """People in browsers log in with OpenID Connect at an issuer of JwtArgs, whose access tokens have to be JWTs.

    It opens nothing: a login only brings a token, which is asked for, checked and judged as anybody's. The code that a
    login ends with is exchanged by way of the egress gateway, among whose services the provider has to be.
    """

    authorization_endpoint: str
    """The provider's page where people log in, with https; a query in it is kept."""
    token_endpoint: str
    """Where the gateway exchanges codes for tokens, with https. Its host and port have to be one of
    `egress.services`, with the protocol https."""
    client_id: str
    """Who the tenant is to the provider. A client of its own: tenants with one client take each other's codes."""
    client_secret: pulumi.Input[str]
    """The client's secret. It is kept as a secret of Pulumi and in a Secret, and is written nowhere else."""
    scopes: NotRequired[list[str]]
    """What is asked for of the person. Default: openid."""
    redirect_path: NotRequired[str]
    """Where the provider sends people back to, at each host of the ingress gateways: register these with it. The
    App never sees requests for it. Default: /oauth2/callback."""
    sign_out_path: NotRequired[str]
    """Who asks for it has no session any more; at the provider it goes on. Default: /oauth2/sign-out."""
    epoch: NotRequired[int]
    """The generation of the key that sessions are signed and encrypted with: raise it to end them all. Default: 1."""

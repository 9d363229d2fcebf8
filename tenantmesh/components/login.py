"""What a login keeps secret becomes the files that the gateway reads."""

from typing import Any

import pulumi
import pulumi_random as random

from tenantmesh.plan.login import CLIENT, KEY, LoginMaterial, resource
from tenantmesh.spec.tenant import TenantSpec

_LENGTH = 48
"""Letters and digits, over 280 bits."""


def make_login(tenant: TenantSpec, parent: pulumi.Resource) -> LoginMaterial | None:
    """Make the key of the sessions, and both files; None for a tenant without a login."""
    login = tenant.login
    if login is None:
        return None
    options = pulumi.ResourceOptions(parent=parent)
    made = random.RandomPassword(f"{tenant.name}/login-{login.epoch}", length=_LENGTH, special=False, opts=options)
    return LoginMaterial(client=_file(CLIENT, login.client_secret), key=_file(KEY, made.result))


def _file(name: str, secret: Any) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps(resource(name, pulumi.Output.secret(secret)), sort_keys=True)

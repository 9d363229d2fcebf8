"""Key sets that are outputs are declared by a digest that is an output too, and known when they are."""

from dataclasses import replace

import pulumi

from tenantmesh.plan.declared import key_digest
from tenantmesh.spec.authentication import JwtSpec
from tenantmesh.spec.tenant import TenantSpec


def with_digests(tenant: TenantSpec) -> TenantSpec:
    """The tenant with the digest of each key set that is no text. The keys are public, and so is their digest."""
    return replace(tenant, jwt=tuple(_with_digest(one) for one in tenant.jwt))


def _with_digest(one: JwtSpec) -> JwtSpec:
    if isinstance(one.jwks, str):
        return one
    known = pulumi.Output.unsecret(pulumi.Output.from_input(one.jwks).apply(lambda keys: key_digest(str(keys))))
    return replace(one, jwks_digest=known)

"""The checks as a Pulumi policy pack; pulumi-policy, which it needs, goes into an environment of its own."""

from tenantmesh.policypack.pack import policies, serve

__all__ = ["policies", "serve"]

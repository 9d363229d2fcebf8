"""The policy pack for `pulumi preview --policy-pack policy`."""

from tenantmesh.policypack import serve

serve()

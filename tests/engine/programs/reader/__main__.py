"""Hands on what another project's stack exports, open and secret."""

import pulumi

other = pulumi.StackReference("organization/interop/dev")
pulumi.export("teams", other.require_output("teams"))
pulumi.export("password", other.require_output("password"))

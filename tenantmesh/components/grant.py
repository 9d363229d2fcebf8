"""The one way across between two tenants, as a Pulumi component."""

import pulumi

from tenantmesh.args.parse import parse_grant
from tenantmesh.args.sharing import GrantArgs
from tenantmesh.components.program import current_program


class Grant(pulumi.ComponentResource):
    """`source` may call a service of `destination`, for a reason: the export of one and the import of the other.

    Construct it before its two tenants, for their fences are made with the opening in them. It has no objects of its
    own. Where the tenants live in different programs, write `exports` and `imports` instead; each makes one half.
    Raises ArgsError for wrong arguments, or when one of the tenants is there already.
    """

    def __init__(self, name: str, args: GrantArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantmesh:index:Grant", name, {}, opts)
        current_program().add_grant(name, parse_grant(name, args))
        self.register_outputs({})

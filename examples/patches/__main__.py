"""What no argument says is said by JSON Patch, on the planned object, before it is checked against its schema.

A patch that matches nothing is an error, and so is one that makes another object of it.
"""

import tenantmesh as tm

tm.Tenant(
    "tuned",
    tm.TenantArgs(
        domain="tuned.example.com",
        ingress=tm.IngressArgs(),
        settings=tm.SettingsArgs(
            patches=[
                tm.PatchArgs(
                    kind="Deployment",
                    name="tuned-ingress",
                    operations=[
                        tm.PatchOperationArgs(
                            op="add", path="/spec/template/spec/nodeSelector", value={"pool": "edge"}
                        ),
                        tm.PatchOperationArgs(op="add", path="/spec/revisionHistoryLimit", value=3),
                    ],
                )
            ]
        ),
    ),
)

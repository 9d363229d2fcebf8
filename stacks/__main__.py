"""The stack of every environment: one mesh and its tenants, each with gateways, certificates and bookinfo."""

from importlib import import_module

import pulumi

import tenantmesh as tm
from bookinfo import bookinfo
from sizes import Size

config = pulumi.Config()
size: Size = import_module(pulumi.get_stack()).SIZE
domain = config.require("domain")
names: list[str] = config.require_object("tenants")

tm.Mesh("mesh", tm.MeshArgs(domain=domain, control_plane=tm.ControlPlaneArgs(create_namespace=True)))

for name in names:
    # The node ports of the talk that the model comes from: 31080 and 31443 for tenant1, 32080 and 32443 for tenant2.
    block = 30000 + 1000 * (names.index(name) + 1)
    tenant = tm.Tenant(
        name,
        tm.TenantArgs(
            quota=size.quota,
            ingress=tm.IngressArgs(
                client_tls="mutual",
                service=tm.ServiceArgs(http_node_port=block + 80, https_node_port=block + 443),
                certificates=tm.CertificatesArgs(validity=size.validity, clients=["demo"]),
                replicas=size.gateway,
            ),
            access=[
                tm.AccessArgs(role="admin", groups=[f"{name}-admins"]),
                tm.AccessArgs(role="developer", groups=[f"{name}-developers"]),
                tm.AccessArgs(role="viewer", groups=[f"{name}-viewers"]),
            ],
            settings=tm.SettingsArgs(protect=size.protect),
        ),
    )
    bookinfo(name, f"{name}.{domain}", size.app)
    pulumi.export(
        name,
        {
            "endpoint": tenant.endpoint,
            "address": tenant.address,
            "nodePorts": tenant.node_ports,
            "namespaces": tenant.namespaces,
        },
    )

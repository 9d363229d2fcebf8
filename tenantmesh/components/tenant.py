"""One tenant with everything that keeps it apart, as a Pulumi component."""

import pulumi

from tenantmesh.args.parse import parse_tenant
from tenantmesh.args.tenant import TenantArgs
from tenantmesh.components.certificates import make_chain
from tenantmesh.components.endpoint import addresses_of, endpoint_of
from tenantmesh.components.keys import with_digests
from tenantmesh.components.login import make_login
from tenantmesh.components.objects import Keeping, home_of, register
from tenantmesh.components.program import Placed, current_program
from tenantmesh.plan.certificates import CertificateMaterial, plan_chain
from tenantmesh.plan.tenant import plan_tenant

# The schema analyzer refuses a union, so no argument at all is an empty one.
_NOTHING = TenantArgs()


class Tenant(pulumi.ComponentResource):
    """One or more namespaces with their fence: quota, roles, gateways, certificates and policies.

    `name` is the tenant's and its home namespace's. Without arguments it is locked; every argument opens or sizes
    something. Raises ArgsError, which names every wrong field, and OwnershipError when another tenant of the program
    owns one of its hosts, node ports or egress hosts.
    """

    namespaces: pulumi.Output[list[str]]
    """All of its namespaces, the home namespace first."""
    endpoint: pulumi.Output[str]
    """Where its first host is reached, such as https://acme.example.com; empty without ingress."""
    address: pulumi.Output[str]
    """The ingress gateway's address, for a DNS record; empty when the cluster gives it none."""
    addresses: pulumi.Output[dict[str, str]]
    """The addresses of the gateways in `ingresses`, by name; each is empty when the cluster gives it none."""
    node_ports: pulumi.Output[dict[str, int]]
    """The ingress gateway's ports on every node by name; empty when it has none."""
    ca_certificates: pulumi.Output[str]
    """The roots that sign its certificates, PEM; empty when no chain is generated."""
    client_certificates: pulumi.Output[dict[str, str]]
    """Secret. By name: certificate, intermediate and key in one PEM, as `curl --cert` takes it."""

    def __init__(self, name: str, args: TenantArgs = _NOTHING, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("tenantmesh:index:Tenant", name, {}, opts)
        program = current_program()
        spec = with_digests(parse_tenant(name, args, program.mesh, program.grants))
        program.claim(spec)
        program.meet(spec)
        chain = plan_chain(spec)
        certificates = make_chain(chain, self, protect=spec.protection.protect) if chain else None
        keeping = Keeping(protect=spec.protection.protect, retain=spec.protection.retain)
        objects = register(name, plan_tenant(spec, certificates, make_login(spec, self)), self, keeping=keeping)
        homes = [home_of(key, made) for key, made in objects.items()]
        program.add_tenant(Placed(spec, {name: made for home in homes for name, made in home.items()}))

        self.namespaces = pulumi.Output.from_input([namespace.name for namespace in spec.namespaces])
        self.endpoint, self.address, self.node_ports = endpoint_of(spec, objects)
        self.addresses = addresses_of(spec, objects)
        self.ca_certificates = pulumi.Output.from_input(certificates.roots if certificates else "")
        self.client_certificates = _client_certificates(certificates)
        self.register_outputs(
            {
                "namespaces": self.namespaces,
                "endpoint": self.endpoint,
                "address": self.address,
                "addresses": self.addresses,
                "nodePorts": self.node_ports,
                "caCertificates": self.ca_certificates,
                "clientCertificates": self.client_certificates,
            }
        )


def _client_certificates(material: CertificateMaterial | None) -> pulumi.Output[dict[str, str]]:
    clients = sorted(material.clients.items()) if material else []
    pem = {name: pulumi.Output.concat(leaf.chain, leaf.key) for name, leaf in clients}
    # Without any, `all` gives a list.
    return pulumi.Output.secret(pulumi.Output.all(**pem) if pem else {})

"""Blocks of addresses that lead outside: those of pods, of nodes and of the cloud itself are left out of them."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Final

from tenantmesh.checks.context import Context
from tenantmesh.checks.finding import Finding
from tenantmesh.checks.outcome import Outcome, finding
from tenantmesh.checks.parts import parts, spec
from tenantmesh.checks.rules import exposure as rules
from tenantmesh.graph.cidrs import PRIVATE, Block, Network, block, network, within
from tenantmesh.manifest import ManifestObject

_LINK_LOCAL: Final = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"))
"""Addresses of one's own node: RFC 3927 and RFC 4291. At 169.254.169.254 clouds answer with the node's credentials."""


def check(context: Context, outcome: Outcome) -> None:
    """Add the egress blocks of a tenant's policies that hold addresses inside beside those outside."""
    pods = tuple(map(network, context.cluster.pod_cidrs)) or PRIVATE
    declared = [network(one) for said in context.intent.ranges.get(outcome.tenant, ()) for one in said.destinations]
    for one in context.objects(outcome.tenant, "networking.k8s.io", "NetworkPolicy"):
        for path, found in _blocks(one):
            if not any(within(found.network, each) for each in declared):
                left = [str(each) for each in (*pods, *_LINK_LOCAL) if _is_within(each, found)]
                outcome.findings += [_finding(outcome.tenant, one, path, found, left)] if left else []


def _blocks(one: ManifestObject) -> Iterator[tuple[str, Block]]:
    for rule_at, rule in enumerate(parts(spec(one).get("egress"))):
        for peer_at, peer in enumerate(parts(rule.get("to"))):
            found = block(peer["ipBlock"]) if "ipBlock" in peer else ""
            if isinstance(found, Block):
                yield f"spec.egress[{rule_at}].to[{peer_at}].ipBlock", found


def _is_within(inside: Network, found: Block) -> bool:
    """Whether a block holds some of these addresses, and others too: what is within them was named on purpose."""
    return not within(found.network, inside) and found.overlaps(inside)


def _finding(tenant: str, policy: ManifestObject, path: str, found: Block, left: list[str]) -> Finding:
    return finding(
        rules.EGRESS_INWARD,
        (tenant,),
        (policy,),
        witness=f"{policy.key.namespace} -> {network(left[0])[0]}",
        message=f"{policy.key} lets out to {found.network} without leaving out {', '.join(left)} ({path})",
        fix=f"add {', '.join(left)} to except at {path} of {policy.key}",
    )

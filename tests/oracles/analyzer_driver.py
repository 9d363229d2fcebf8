"""Run by the interpreter that has network-config-analyzer: clusters as JSON lines in, tables of answers out.

Two imports reset what the analyzer keeps for the whole process, so that one process can take many clusters.
"""

import contextlib
import ipaddress
import json
import os
import sys
from pathlib import Path

from nca.CoreDS.DimensionsManager import DimensionsManager
from nca.CoreDS.Peer import BasePeerSet, IpBlock
from nca.NetworkConfig.NetworkConfig import NetworkConfig
from nca.NetworkConfig.PeerContainer import PeerContainer
from nca.NetworkConfig.PoliciesFinder import PoliciesFinder
from nca.NetworkConfig.TopologyObjectsFinder import NamespacesFinder, PodsFinder
from nca.Resources.PolicyResources.NetworkPolicy import PolicyConnectionsFilter
from nca.Utils.NcaLogger import NcaLogger


def main() -> None:
    output = sys.stdout
    NcaLogger().mute()
    with (
        Path(os.devnull).open("w") as nothing,
        contextlib.redirect_stdout(nothing),
        contextlib.redirect_stderr(nothing),
    ):
        for line in sys.stdin:
            print(json.dumps(_answered(json.loads(line))), file=output)


def _answered(asked: dict) -> dict:
    """A cluster that the analyzer refuses is answered with what it says."""
    try:
        return {"table": _table(asked)}
    except SyntaxError as refusal:
        return {"refusal": str(refusal)}


def _table(asked: dict) -> str:
    config, pods = _config(asked["objects"])
    allowed = config.allowed_connections(res_conns_filter=PolicyConnectionsFilter.only_all_allowed_connections())
    cubes = [allowed.all_allowed_conns.get_connectivity_cube(cube) for cube in allowed.all_allowed_conns]
    ends = [pods.get(end["name"]) or _address(end["address"]) for end in asked["ends"]]
    sources = [[end in cube["src_peers"] for cube in cubes] for end in ends]
    destinations = [[end in cube["dst_peers"] for cube in cubes] for end in ends]
    ports = [
        [port["protocol"] in cube["protocols"] and port["number"] in cube["dst_ports"].port_set for cube in cubes]
        for port in asked["ports"]
    ]
    return "".join(
        "1" if any(map(all, zip(source, destination, port, strict=True))) else "0"
        for source in sources
        for destination in destinations
        for port in ports
    )


def _config(objects: list[dict]) -> tuple[NetworkConfig, dict]:
    BasePeerSet.reset()
    DimensionsManager.reset()
    namespaces, pods, policies = NamespacesFinder(), PodsFinder(), PoliciesFinder()
    pods.namespaces_finder = namespaces
    for one in objects:
        namespaces.parse_yaml_code_for_ns(one)
    for one in objects:
        pods.add_eps_from_yaml(one)
    container = PeerContainer(pods.peer_set, namespaces.namespaces, [], pods.representative_peers)
    policies.set_peer_container(container)
    for one in objects:
        policies.parse_yaml_code_for_policy(one, "")
    policies.parse_policies_in_parse_queue()
    config = NetworkConfig(name="sample", peer_container=container, policies_finder=policies)
    return config, {pod.name: pod for pod in pods.peer_set}


def _address(address: str) -> IpBlock:
    return IpBlock(cidr=str(ipaddress.ip_network(address)))


if __name__ == "__main__":
    main()

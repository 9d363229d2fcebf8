"""Small random clusters with all kinds of policy that Cilium enforces: its own two, and the two of Kubernetes."""

import json
from random import Random
from typing import Any

from tests.oracles import addresses, generator
from tests.oracles.sample import Object, Sample

_ENTITIES = ("all", "world", "cluster")
_NUMBERS = (53, 80, 443, 8080)
_WAYS = {"ingress": "from", "egress": "to"}
_NAMESPACE = "k8s:io.kubernetes.pod.namespace"
_NAMESPACE_LABEL = "k8s:io.cilium.k8s.namespace.labels."


def sample(seed: int) -> Sample:
    """The cluster of this seed, with up to five policies. No port has a name: Cilium resolves them by its own rules."""
    dice = Random(f"cilium {seed}")  # noqa: S311 -- reproducible, and no secret
    namespaces, pods = generator.topology(dice)
    names = [one["metadata"]["name"] for one in namespaces]
    priorities = dice.sample(range(20), 5)
    policies = [_policy(dice, names, index, priorities[index]) for index in range(dice.randint(0, 5))]
    return Sample(
        seed=seed,
        objects=(*namespaces, *pods, *policies),
        outside=tuple(dice.sample(addresses.OUTSIDE, 2)),
        ports=tuple(generator.random_ports(dice, pods)),
    )


def _policy(dice: Random, names: list[str], index: int, priority: int) -> Object:
    match dice.choice(("cilium", "cilium", "cluster-wide", "administrator", "kubernetes")):
        case "cilium":
            return _object("cilium.io/v2", "CiliumNetworkPolicy", index, _cilium(dice, names), dice.choice(names))
        case "cluster-wide":
            return _object("cilium.io/v2", "CiliumClusterwideNetworkPolicy", index, _cilium(dice, names))
        case "administrator":
            spec = _administrators(dice, priority)
            return _object("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", index, spec)
        case _:
            return _kubernetes(dice, names, index)


def _object(version: str, kind: str, index: int, spec: dict[str, Any], namespace: str = "") -> Object:
    metadata = {"name": f"policy{index}"} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def _kubernetes(dice: Random, names: list[str], index: int) -> Object:
    """A NetworkPolicy in which Cilium follows the specification: without names of ports, and without blocks."""
    while True:
        found = generator.random_policy(dice, dice.choice(names), names, index)
        text = json.dumps(found)
        if (
            found["spec"].get("policyTypes")
            and "ipBlock" not in text
            and not any(f'"port": "{c}' in text for c in "wdam")
        ):
            return found


def _cilium(dice: Random, names: list[str]) -> dict[str, Any]:
    spec: dict[str, Any] = {"endpointSelector": _selector(dice)}
    for way, preposition in _WAYS.items():
        for section, chance in ((way, 0.6), (f"{way}Deny", 0.25)):
            if dice.random() < chance:
                rules = [_cilium_rule(dice, preposition, names) for _ in range(dice.randint(1, 2))]
                spec[section] = rules
    if not spec.keys() - {"endpointSelector"}:
        spec["ingress"] = [{}]
    if dice.random() < 0.2:
        spec["enableDefaultDeny"] = {way: dice.random() < 0.5 for way in _WAYS}
    return spec


def _cilium_rule(dice: Random, preposition: str, names: list[str]) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    match dice.choice(("endpoints", "endpoints", "entities", "cidr", "cidrs", "none")):
        case "endpoints":
            rule[f"{preposition}Endpoints"] = [_endpoint(dice, names) for _ in range(dice.choice((0, 1, 1, 1, 2)))]
        case "entities":
            rule[f"{preposition}Entities"] = dice.sample(_ENTITIES, dice.randint(1, 2))
        case "cidr":
            rule[f"{preposition}CIDR"] = [addresses.block(dice)["cidr"]]
        case "cidrs":
            rule[f"{preposition}CIDRSet"] = [_present(addresses.block(dice)) for _ in range(dice.randint(1, 2))]
        case _:
            pass
    if dice.random() < 0.6:
        rule["toPorts"] = [{"ports": [_cilium_port(dice) for _ in range(dice.randint(1, 2))]}]
    return rule


def _present(block: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in block.items() if value}


def _endpoint(dice: Random, names: list[str]) -> dict[str, Any]:
    """A selector of pods that may say something of their namespace, by its name or by its labels."""
    selector = _selector(dice)
    labels = dict(selector.get("matchLabels") or {})
    match dice.choice(("none", "name", "labels", "any")):
        case "name":
            labels[_NAMESPACE] = dice.choice(names)
        case "labels":
            labels[f"{_NAMESPACE_LABEL}tier"] = dice.choice(("front", "back"))
        case "any":
            some = list(selector.get("matchExpressions") or ())
            return {**selector, "matchExpressions": [*some, {"key": _NAMESPACE, "operator": "Exists"}]}
        case _:
            pass
    return {**selector, "matchLabels": labels} if labels else selector


def _selector(dice: Random) -> dict[str, Any]:
    """Without empty values and nulls, which Cilium's schema does not take."""
    while True:
        found = generator.random_selector(dice, empty=0.3)
        text = json.dumps(found)
        if '""' not in text and "null" not in text:
            return found


def _cilium_port(dice: Random) -> dict[str, Any]:
    number = dice.choice(_NUMBERS)
    port: dict[str, Any] = {"port": str(number)}
    if dice.random() < 0.8:
        port["protocol"] = dice.choice(("TCP", "TCP", "UDP", "SCTP", "ANY"))
    match dice.choice(("one", "one", "range", "all")):
        case "range":
            port["endPort"] = number + dice.choice((1, 400, 8000))
        case "all":
            port["port"] = "0"
        case _:
            pass
    return port


def _administrators(dice: Random, priority: int) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "tier": dice.choice(("Admin", "Admin", "Baseline")),
        "priority": priority,
        "subject": _subject(dice),
    }
    for way, preposition in _WAYS.items():
        if dice.random() < 0.7:
            spec[way] = [_administrators_rule(dice, preposition) for _ in range(dice.randint(1, 3))]
    return spec


def _administrators_rule(dice: Random, preposition: str) -> dict[str, Any]:
    peers = [_subject(dice) for _ in range(dice.randint(1, 2))]
    if preposition == "to" and dice.random() < 0.3:
        peers = [{"networks": [addresses.block(dice)["cidr"]]}]
    rule: dict[str, Any] = {"action": dice.choice(("Accept", "Deny", "Pass")), preposition: peers}
    if dice.random() < 0.5:
        rule["protocols"] = [_administrators_port(dice) for _ in range(dice.randint(1, 2))]
    return rule


def _subject(dice: Random) -> dict[str, Any]:
    if dice.random() < 0.5:
        return {"namespaces": _selector(dice)}
    return {"pods": {"namespaceSelector": _selector(dice), "podSelector": _selector(dice)}}


def _administrators_port(dice: Random) -> dict[str, Any]:
    number = dice.choice(_NUMBERS)
    port = {"number": number} if dice.random() < 0.6 else {"range": {"start": number, "end": number + 400}}
    return {dice.choice(("tcp", "tcp", "udp", "sctp")): {"destinationPort": port}}

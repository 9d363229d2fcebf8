"""Small random clusters with NetworkPolicies in every spelling that the API server takes; one seed, one cluster."""

from random import Random
from typing import Any

from tests.oracles import addresses
from tests.oracles.sample import Port, Sample

_LABELS = {"app": ("a", "b", ""), "tier": ("front", "back"), "team/owner": ("x", "y")}
_NAMESPACE_NAME = "kubernetes.io/metadata.name"
_PORT_NAMES = ("web", "dns", "api")
_NUMBERS = (53, 80, 443, 8080)
_NEAR_PORTS = (1, 52, 54, 79, 81, 8081, 65535)
_PROTOCOLS = ("TCP", "TCP", "UDP", "SCTP")


def sample(seed: int) -> Sample:
    """The cluster of this seed: 2-4 namespaces, 2-6 pods, 0-6 policies, 2 addresses outside, 4 ports to ask for."""
    dice = Random(f"network policies {seed}")  # noqa: S311 -- reproducible, and no secret
    namespaces, pods = topology(dice)
    names = [one["metadata"]["name"] for one in namespaces]
    policies = [random_policy(dice, dice.choice(names), names, index) for index in range(dice.randint(0, 6))]
    return Sample(
        seed=seed,
        objects=(*namespaces, *pods, *policies),
        outside=tuple(dice.sample(addresses.OUTSIDE, 2)),
        ports=tuple(random_ports(dice, pods)),
    )


def topology(dice: Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Namespaces, named ns0 and so on, and pods in them."""
    labels = {f"ns{index}": _namespace_labels(dice, f"ns{index}") for index in range(dice.randint(2, 4))}
    pods = [_pod(dice, sorted(labels), index) for index in range(dice.randint(2, 6))]
    return [_namespace(name, some) for name, some in labels.items()], pods


def random_ports(dice: Random, pods: list[dict[str, Any]]) -> list[Port]:
    """Mostly ports that pods have, so that names matter; else one that a rule names, or its neighbour."""
    declared = [Port(one["containerPort"], one.get("protocol", "TCP")) for pod in pods for one in _ports_of(pod)]
    found: dict[Port, None] = {}
    while len(found) < 4:
        if declared and dice.random() < 0.5:
            found[dice.choice(declared)] = None
        else:
            found[Port(dice.choice(_NUMBERS + _NEAR_PORTS), dice.choice(_PROTOCOLS))] = None
    return list(found)


def _ports_of(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [port for container in pod["spec"]["containers"] for port in container.get("ports", ())]


def _labels(dice: Random) -> dict[str, str]:
    return {key: dice.choice(values) for key, values in _LABELS.items() if dice.random() < 0.6}


def _namespace_labels(dice: Random, name: str) -> dict[str, str]:
    return {**_labels(dice), _NAMESPACE_NAME: name}


def _namespace(name: str, labels: dict[str, str]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _pod(dice: Random, namespaces: list[str], index: int) -> dict[str, Any]:
    name, namespace = f"pod{index}", dice.choice(namespaces)
    names = list(_PORT_NAMES)
    dice.shuffle(names)
    containers = [_container(dice, f"c{number}", names) for number in range(dice.randint(1, 2))]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": _labels(dice)},
        "spec": {"containers": containers},
        "status": {"podIPs": [{"ip": addresses.of_pod(dice, int(namespace.removeprefix("ns")), index)}]},
    }


def _container(dice: Random, name: str, port_names: list[str]) -> dict[str, Any]:
    """`port_names` are those still free in the pod: a named port must have a name of its own there."""
    container: dict[str, Any] = {"name": name, "image": "example.com/server"}
    numbers = dice.sample(_NUMBERS, dice.randint(0, 2))
    if numbers or dice.random() < 0.5:
        container["ports"] = [_container_port(dice, number, port_names) for number in numbers]
    return container


def _container_port(dice: Random, number: int, names: list[str]) -> dict[str, Any]:
    port: dict[str, Any] = {"containerPort": number}
    if dice.random() < 0.7:
        port["protocol"] = dice.choice(_PROTOCOLS)
    if names and dice.random() < 0.8:
        port["name"] = names.pop()
    return port


def random_policy(dice: Random, namespace: str, namespaces: list[str], index: int) -> dict[str, Any]:
    spec: dict[str, Any] = {}
    if dice.random() < 0.98:
        spec["podSelector"] = random_selector(dice, empty=0.4)
    types = dice.choice((None, None, [], ["Ingress"], ["Egress"], ["Ingress", "Egress"], ["Egress", "Ingress"]))
    if types is not None:
        spec["policyTypes"] = types
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        # Mostly rules that count: a section whose type is not listed is stored, and ignored.
        if dice.random() < (0.75 if not types or direction.capitalize() in types else 0.05):
            spec[direction] = _list(dice, lambda peers=peers: _rule(dice, peers, namespaces), most=2)
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": f"policy{index}", "namespace": namespace},
        "spec": spec,
    }


def _list(dice: Random, make: Any, most: int) -> list[Any] | None:
    """Null or empty, one time in eight each, or up to `most` items."""
    match dice.randrange(8):
        case 0:
            return None
        case 1:
            return []
        case _:
            return [make() for _ in range(dice.randint(1, most))]


def _rule(dice: Random, peers: str, namespaces: list[str]) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    if dice.random() < 0.8:
        rule[peers] = _list(dice, lambda: _peer(dice, namespaces), most=3)
    if dice.random() < 0.6:
        rule["ports"] = _list(dice, lambda: _policy_port(dice), most=3)
    return rule


def _peer(dice: Random, namespaces: list[str]) -> dict[str, Any]:
    match dice.choice(("pods", "namespaces", "both", "both", "block", "block")):
        case "pods":
            return {"podSelector": random_selector(dice)} | ({"namespaceSelector": None} if dice.random() < 0.2 else {})
        case "namespaces":
            return {"namespaceSelector": _namespace_selector(dice, namespaces)}
        case "both":
            return {"namespaceSelector": _namespace_selector(dice, namespaces), "podSelector": random_selector(dice)}
        case _:
            return {"ipBlock": addresses.block(dice)}


def _namespace_selector(dice: Random, namespaces: list[str]) -> dict[str, Any]:
    if dice.random() < 0.4:
        return {"matchLabels": {_NAMESPACE_NAME: dice.choice((*namespaces, "elsewhere"))}}
    return random_selector(dice)


def random_selector(dice: Random, empty: float = 0.2) -> dict[str, Any]:
    """Equality, expressions, both or neither; an empty one in several spellings."""
    if dice.random() < empty:
        return dice.choice(({}, {"matchLabels": {}}, {"matchExpressions": []}, {"matchLabels": None}))
    kinds = dice.choice(("labels", "labels", "expressions", "both"))
    selector: dict[str, Any] = {}
    if kinds != "expressions":
        keys = dice.sample(sorted(_LABELS), dice.choice((1, 1, 2)))
        selector["matchLabels"] = {key: dice.choice(_LABELS[key]) for key in keys}
    if kinds != "labels":
        selector["matchExpressions"] = [_expression(dice) for _ in range(dice.choice((1, 1, 2)))]
    return selector


def _expression(dice: Random) -> dict[str, Any]:
    key = dice.choice((*sorted(_LABELS), "nobody-has-it"))
    operator = dice.choice(("In", "NotIn", "Exists", "DoesNotExist"))
    if operator in ("In", "NotIn"):
        known = _LABELS.get(key, ("z",))
        return {"key": key, "operator": operator, "values": dice.sample(known, dice.randint(1, len(known)))}
    return {"key": key, "operator": operator} | ({"values": []} if dice.random() < 0.2 else {})


def _policy_port(dice: Random) -> dict[str, Any]:
    port: dict[str, Any] = {}
    if dice.random() < 0.6:
        port["protocol"] = dice.choice((*_PROTOCOLS, None))
    match dice.choice(("none", "name", "name", "number", "number", "range")):
        case "name":
            port["port"] = dice.choice((*_PORT_NAMES, "missing"))
        case "number":
            port["port"] = dice.choice(_NUMBERS)
        case "range":
            port["port"] = dice.choice((1, 53, 79, 80, 1024))
            port["endPort"] = port["port"] + dice.choice((0, 1, 400, 10_000))
        case _:
            pass
    return port

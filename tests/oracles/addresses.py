"""Addresses and blocks that meet at their edges, of both families."""

from random import Random
from typing import Any

OUTSIDE = (
    "192.0.2.1",
    "192.0.2.127",
    "192.0.2.128",
    "192.0.3.0",
    "203.0.113.5",
    "10.9.0.1",
    "2001:db8::1",
    "2001:db8:1::1",
)
"""Addresses that no pod has."""

# What may be excepted has to lie within the block, and be smaller.
_BLOCKS: dict[str, tuple[str, ...]] = {
    "0.0.0.0/0": ("10.0.0.0/8", "192.0.2.128/25", "203.0.113.5/32", "128.0.0.0/1"),
    "10.0.0.0/8": ("10.0.0.0/16", "10.0.1.0/24", "10.9.0.0/16"),
    "10.0.0.0/16": ("10.0.0.0/24", "10.0.1.0/28"),
    "10.0.1.0/24": ("10.0.1.2/31", "10.0.1.0/25"),
    "192.0.2.0/24": ("192.0.2.128/25", "192.0.2.1/32"),
    "203.0.113.5/32": (),
    "::/0": ("2001:db8::/32", "fd00::/8"),
    "2001:db8::/32": ("2001:db8:1::/48", "2001:db8::1/128"),
    "fd00::/8": ("fd00:0:0:1::/64",),
}


def of_pod(dice: Random, namespace: int, index: int) -> str:
    """A pod's address, which few blocks tell from its neighbours'."""
    return f"fd00:0:0:{namespace}::{index + 1}" if dice.random() < 0.15 else f"10.0.{namespace}.{index + 1}"


def block(dice: Random) -> dict[str, Any]:
    """An ipBlock, with or without exceptions."""
    cidr = dice.choice(sorted(_BLOCKS))
    holes = _BLOCKS[cidr]
    match dice.choice(("absent", "empty", "some", "some")):
        case "absent":
            return {"cidr": cidr}
        case "empty":
            return {"cidr": cidr, "except": dice.choice(([], None))}
        case _:
            return {"cidr": cidr, "except": dice.sample(holes, dice.randint(min(1, len(holes)), len(holes)))}

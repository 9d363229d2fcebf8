"""What is mutated: the objects of the dev stack and of five examples, as a cluster would hold them."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tenantmesh.checks.declarations.intent import find_intent
from tenantmesh.checks.proof import Proof
from tenantmesh.checks.prove import prove
from tenantmesh.cli.sources import Read, Source
from tenantmesh.engine.values import reveal
from tenantmesh.graph.cluster import Cluster
from tenantmesh.manifest import Manifest, ManifestObject

ROOT = Path(__file__).parents[2]
SHARED = ("istio-system",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A program, and the namespaces whose objects are mutated: of tenants that are alike, one.

    `alike` are names of objects that differ from others of their namespace in their names alone. With `only`, objects
    of these kinds are mutated, where another subject has the rest.
    """

    name: str
    program: Path
    namespaces: tuple[str, ...]
    other: str
    alike: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    def mutated(self) -> list[ManifestObject]:
        """The objects to mutate, the Namespaces of the named ones among them."""
        found = read(self.program).manifest
        return [
            one
            for one in found
            if (one.key.namespace or one.key.name) in self.namespaces
            and one.key.name not in self.alike
            and (not self.only or one.key.kind in self.only)
        ]

    def proof(self, objects: Iterable[ManifestObject]) -> Proof:
        """What is proven of these objects in place of the program's own; certificates are made today."""
        cluster = Cluster(Manifest.of(objects), mesh=read(self.program).mesh)
        return prove(cluster, find_intent(cluster), today=datetime.date.today())


SUBJECTS = (
    Subject(
        name="dev stack",
        program=ROOT,
        namespaces=("tenant1", *SHARED),
        other="tenant2",
        alike=frozenset({"details", "ratings", "reviews", "reviews--v2", "reviews--v3", "tenant-developer"}),
    ),
    Subject(name="examples/grant", program=ROOT / "examples" / "grant", namespaces=("orders",), other="prices"),
    Subject(name="examples/grant", program=ROOT / "examples" / "grant", namespaces=("prices",), other="orders"),
    Subject(name="examples/project", program=ROOT / "examples" / "project", namespaces=("catalog",), other="stranger"),
    Subject(
        name="examples/tokens",
        program=ROOT / "examples" / "tokens",
        namespaces=("shop",),
        other="stranger",
        alike=frozenset({"allow-tenant", "fence"}),
        only=frozenset({"AuthorizationPolicy", "RequestAuthentication"}),
    ),
    Subject(
        name="examples/networks",
        program=ROOT / "examples" / "networks",
        namespaces=("office",),
        other="store",
        alike=frozenset({"allow-control-plane", "allow-dns", "allow-observability", "allow-tenant", "default-deny"})
        | frozenset({"fence", "import--orders--store", "office-egress", "support"}),
        only=frozenset({"AuthorizationPolicy", "NetworkPolicy", "Service"}),
    ),
    Subject(
        name="examples/login",
        program=ROOT / "examples" / "login",
        namespaces=("theatre",),
        other="stranger",
        alike=frozenset({"allow-clients", "allow-control-plane", "allow-dns", "allow-observability", "allow-tenant"})
        | frozenset({"allow-ingress", "default-deny", "fence", "require-token"}),
        only=frozenset({"AuthorizationPolicy", "DestinationRule", "NetworkPolicy"}),
    ),
)


@cache
def read(program: Path) -> Read:
    """The objects of a program, secrets in the clear; they are made once and to be read only."""
    found = Source(program=program, stack="dev").read()
    plain = (ManifestObject(body=reveal(one.body), source=one.source) for one in found.manifest)
    return Read(Manifest.of(plain), found.mesh)

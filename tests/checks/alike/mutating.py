"""Tenants of which some have an object changed, each towards another tenant."""

import random

from tenantmesh.errors import BodyError
from tenantmesh.manifest import ManifestObject
from tenantmesh.schema import check_body
from tests.proof.mutations import mutations
from tests.proof.refusals import is_refused


def owner(body):
    """The namespace that an object is in or is."""
    return body["metadata"].get("namespace") or body["metadata"]["name"]


def is_taken(body):
    """Whether the API server would take an object."""
    if body is None or is_refused(body):
        return False
    try:
        check_body(body)
    except BodyError:
        return False
    return True


def mutated(bodies, names, seed):
    """The objects of tenants with these names, of which one to three are changed, and who these are."""
    pick = random.Random(seed)  # noqa: S311 -- reproducible, and no secret
    chosen = pick.sample(names, pick.choice((1, 2, 3)))
    offset, index = pick.randrange(1, len(names)), pick.random()
    changed = list(bodies)
    for tenant in chosen:
        own = [at for at, body in enumerate(bodies) if owner(body) == tenant]
        at = own[int(index * len(own))]
        other = names[(names.index(tenant) + offset) % len(names)]
        found = [body for one in mutations(ManifestObject(body=changed[at]), other) if is_taken(body := one.body)]
        changed[at] = found[int(pick.random() * len(found)) if pick.random() < 0.5 else int(index * len(found))]
    return changed, chosen

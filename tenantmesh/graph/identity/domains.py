"""Trust domains: a mesh's own, and the aliases that stand for it in the policies' principals.

Source: https://istio.io/latest/docs/tasks/security/authorization/authz-td-migration/.
"""

from tenantmesh.graph.mesh import MeshSettings


def in_all_trust_domains(principal: str, mesh: MeshSettings) -> tuple[str, ...]:
    """A principal of the mesh stands for the same one in its aliases too; `cluster.local` stands for the mesh's own."""
    domain, *rest = principal.split("/")
    ours = (mesh.trust_domain, *mesh.trust_domain_aliases)
    if len(rest) != 4 or domain == "*":
        return (principal,)
    if domain != "cluster.local" and not any(_meet(domain, one) for one in ours):
        return (principal,)
    return tuple(dict.fromkeys(principal if _ends(one, domain) else "/".join((one, *rest)) for one in ours))


def _meet(one: str, other: str) -> bool:
    """Whether two trust domains are the same, or one is a pattern that fits the other."""
    return one == other or any(_ends(*pair) or _starts(*pair) for pair in ((one, other), (other, one)))


def _ends(domain: str, like: str) -> bool:
    return like.startswith("*") and domain.endswith(like[1:])


def _starts(domain: str, like: str) -> bool:
    return like.endswith("*") and domain.startswith(like[:-1])


def expanded(values: tuple[str, ...], mesh: MeshSettings) -> tuple[str, ...]:
    """Trust domains with all that stand for the same: the mesh's own and its aliases."""
    ours = (mesh.trust_domain, *mesh.trust_domain_aliases)
    return tuple(dict.fromkeys(each for one in values for each in (ours if one in ours else (one,))))

"""What AuthorizationPolicies make of one request: CUSTOM first, then DENY, then ALLOW.

Source: https://istio.io/latest/docs/concepts/security/#implicit-enablement. AUDIT only takes notes.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from tenantmesh.graph.fits import Fit
from tenantmesh.graph.flow import Workload
from tenantmesh.graph.identity.answers import Step, step
from tenantmesh.graph.identity.attached import Held, Holding
from tenantmesh.graph.identity.circumstances import Circumstances
from tenantmesh.graph.identity.policies import Action, Matched, Policy
from tenantmesh.graph.mesh import MeshSettings
from tenantmesh.graph.verdict import Answer, Effect, Evidence

Fitting = Callable[[Policy, Circumstances], Matched]
_MOST_NAMED: Final = 8
"""So many policies are named in a reason; the evidence has all."""


def decisions(held: Holding, seen: Circumstances, destination: Workload, mesh: MeshSettings) -> Iterator[Step]:
    """One step for each policy that may refuse the request, then one for all that may allow it."""
    yield from _refusals(held, seen, mesh, Policy.fit)
    fits = [(one, one.policy.fit(seen)) for one in held.allowing_some(seen.principal)]
    yield _allowed(fits, held.allowing, destination) if held.allowing else _free(destination)


def decided(
    held: Holding, seen: Circumstances, destination: Workload, mesh: MeshSettings, fitting: Fitting
) -> Iterator[Step]:
    """The same where policies are read in another way than Envoy's; `fitting` holds one against the request."""
    yield from _refusals(held, seen, mesh, fitting)
    fits = [(one, fitting(one.policy, seen)) for one in held.allowing]
    yield _allowed(fits, held.allowing, destination) if fits else _free(destination)


def _refusals(held: Holding, seen: Circumstances, mesh: MeshSettings, fitting: Fitting) -> Iterator[Step]:
    for one in held.dotted:
        reason = f"{one.object.key}: the dot fits any character in versions of Istio with CVE-2026-39350"
        yield step(Answer.ALLOWED, reason, one.object, one.dotted)
    for one in held.refusing:
        yield _against(one, fitting(one.policy, seen), mesh)


def _against(held: Held, found: Matched, mesh: MeshSettings) -> Step:
    policy, key = held.policy, held.policy.object.key
    if found.fit is Fit.NO:
        what = "asks somebody else about" if policy.action is Action.CUSTOM else "denies"
        return step(Answer.ALLOWED, f"{key} {what} other requests", policy.object)
    if found.fit is Fit.UNSURE or held.unsure:
        return _doubtful(held, found)
    if policy.action is Action.CUSTOM and (mesh.assumed or policy.provider in mesh.providers):
        reason = f"{key} leaves it to {policy.provider or 'a provider without a name'}"
        change = f"change {found.path} of {key} so that it does not match, or deny the request by a policy"
        return step(Answer.UNPROVEN, reason, policy.object, found.path, change=change)
    why = "denies it" if policy.action is Action.DENY else f"asks {policy.provider}, which the mesh does not know"
    change = f"change {found.path} of {key} so that it does not match"
    return step(Answer.DENIED, f"{key} {why}", policy.object, found.path, change=change)


def _doubtful(held: Held, found: Matched) -> Step:
    key = held.policy.object.key
    doubt = found.doubt or "whether it selects the pods is not known"
    path = found.path if found.doubt else "spec.selector"
    change = f"write {path} of {key} so that it can be proven"
    return step(Answer.UNPROVEN, f"{key}: {doubt}", held.policy.object, path, change=change)


def _free(destination: Workload) -> Step:
    change = f"make an AuthorizationPolicy in namespace {destination.namespace} that allows only what is meant"
    return step(Answer.ALLOWED, f"no policy allows anything at {destination}, so all is allowed", change=change)


def _allowed(fits: Sequence[tuple[Held, Matched]], every: Sequence[Held], destination: Workload) -> Step:
    """What `every` policy that allows something comes to; all but those of `fits` don't match."""
    sure = next((pair for pair in fits if pair[1].fit is Fit.YES and not pair[0].unsure), None)
    if sure is None and len(fits) == len(every) and all(one.unsure and found.fit is Fit.YES for one, found in fits):
        sure = fits[0]
    if sure is not None:
        (one, found), key = sure, sure[0].policy.object.key
        reason, change = f"{key} allows it", f"narrow {found.path} of {key}"
        return step(Answer.ALLOWED, reason, one.policy.object, found.path, change=change)
    for one, found in fits:
        if found.fit is Fit.UNSURE or (one.unsure and found.fit is Fit.YES):
            return _doubtful(one, found)
    if all(one.unsure for one in every):
        return _doubtful(every[0], Matched(Fit.UNSURE))
    keys = [str(one.policy.object.key) for one in every[:_MOST_NAMED]]
    more = f" and {len(every) - len(keys)} more" if len(every) > len(keys) else ""
    reason = f"{keys[0]} allows no such request" if len(every) == 1 else f"none of {', '.join(keys)}{more} allows it"
    evidence = tuple(Evidence(Effect.DENIES, "no rule matches", one.policy.object, "spec.rules") for one in every)
    return Step(Answer.DENIED, reason, evidence, f"add a rule to {keys[0]} that matches it at {destination}")

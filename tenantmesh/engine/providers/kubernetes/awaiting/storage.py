"""When volumes, quotas, definitions, tokens and objects of any other kind are ready."""

from typing import Final

from tenantmesh.engine.providers.kubernetes.awaiting.surroundings import Surroundings
from tenantmesh.engine.providers.kubernetes.awaiting.verdicts import (
    Failed,
    Ready,
    Verdict,
    Waiting,
    condition,
    describe,
    is_observed,
    is_true,
)
from tenantmesh.engine.providers.kubernetes.bodies import Body, pick, text
from tenantmesh.engine.providers.kubernetes.normalise import quantity
from tenantmesh.engine.providers.kubernetes.tokens import Kind

_STORAGE_CLASS: Final = Kind(group="storage.k8s.io", version="v1", kind="StorageClass")


def volume(live: Body, _around: Surroundings) -> Verdict:
    """A persistent volume is available or bound."""
    phase = text(live, "status", "phase")
    return Ready() if phase in ("Available", "Bound") else Waiting(f"the volume is {phase or 'new'}")


def claim(live: Body, around: Surroundings) -> Verdict:
    """A claim is bound, or waits for the first pod that uses it where its storage class says so."""
    phase = text(live, "status", "phase")
    if phase == "Bound":
        return Ready()
    class_ = around.one(_STORAGE_CLASS, "", text(live, "spec", "storageClassName"))
    if phase == "Pending" and text(class_, "volumeBindingMode") == "WaitForFirstConsumer":
        return Ready()
    return Waiting(f"the claim is {phase or 'new'}; is there a volume or a provisioner for its storage class?")


def quota(live: Body, _around: Surroundings) -> Verdict:
    """The quota's controller enforces the limits that were asked for."""
    asked, enforced = pick(live, "spec", "hard") or {}, pick(live, "status", "hard") or {}
    agreed = asked.keys() == enforced.keys() and all(quantity(asked[key]) == quantity(enforced[key]) for key in asked)
    return Ready() if agreed else Waiting("the quota is not enforced yet")


def definition(live: Body, _around: Surroundings) -> Verdict:
    """The server serves the kind that a CustomResourceDefinition defines."""
    names = condition(live, "NamesAccepted")
    if names.get("status") == "False":
        return Failed(describe(names))
    return Ready() if is_true(live, "Established") else Waiting("the kind is not served yet")


def token(live: Body, _around: Surroundings) -> Verdict:
    """A service account's token is filled in; other secrets are ready at once."""
    waits = live.get("type") == "kubernetes.io/service-account-token" and not live.get("data")
    return Waiting("the token is not there yet; does the service account exist?") if waits else Ready()


def generic(live: Body, _around: Surroundings) -> Verdict:
    """An object of any kind by the conditions that most controllers write (kstatus)."""
    stalled = condition(live, "Stalled")
    if stalled.get("status") == "True":
        return Failed(describe(stalled))
    ready = condition(live, "Ready")
    if not is_observed(live) or is_true(live, "Reconciling") or ready.get("status") in ("False", "Unknown"):
        return Waiting(describe(ready) or "its controller is at work")
    return Ready()

"""Rules of hygiene: what is written does something, and what is borne is still meant."""

from tenantmesh.checks.finding import Rule, Severity

SELECTS_NOTHING = Rule(
    id="selects-nothing",
    severity=Severity.WARNING,
    title="Every selector of a policy, Service, Gateway or Sidecar selects some pod.",
    why="A policy with a misspelt selector protects nobody, and reads as if it did.",
    fix="mend the selector, or remove the object",
)
NAMES_NOBODY = Rule(
    id="names-nobody",
    severity=Severity.WARNING,
    title="The service accounts that a policy names are there.",
    why="Who was meant is refused; and whoever makes an account of that name, or runs a pod as it, is let in.",
    fix="mend the name, or make the account",
    sources=("https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source",),
)
LEADS_NOWHERE = Rule(
    id="leads-nowhere",
    severity=Severity.WARNING,
    title="Routes and destination rules are for gateways, services and subsets that are there.",
    why="Requests are refused; and whoever makes what is missing, under that name, gets them.",
    fix="mend the name, or remove the object",
)
EXEMPTION_EXPIRED = Rule(
    id="exemption-expired",
    severity=Severity.ERROR,
    title="No exemption outlives its day.",
    why="What was borne for a while would be borne for ever.",
    fix="mend what was exempted, or decide anew and give a later day",
)
EXEMPTION_UNUSED = Rule(
    id="exemption-unused",
    severity=Severity.ERROR,
    title="Every exemption exempts something.",
    why="An exemption that nobody needs any more would hide the next breach of its rule.",
    fix="remove it",
)

RULES = (SELECTS_NOTHING, NAMES_NOBODY, LEADS_NOWHERE, EXEMPTION_EXPIRED, EXEMPTION_UNUSED)

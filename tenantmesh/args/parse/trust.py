"""Reads TrustArgs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tenantmesh.args.parse.anchors import limited, permitted
from tenantmesh.args.parse.fields import POSITIVE
from tenantmesh.args.parse.readers import Check, Reader, names, record, refuse, several, text
from tenantmesh.spec.hosts import host_problem
from tenantmesh.spec.names import part_problem
from tenantmesh.spec.trust import SignerSpec, TrustBundleSpec, TrustSpec, WorkloadCaSpec


def trust(trust_domain_problem: Check) -> Reader:
    """The reader of TrustArgs, where trust domains have no `trust_domain_problem`."""
    bundle = record(
        _bundle,
        {"trust_domains": names(trust_domain_problem, least=1), "certificates": _certificates},
        required=["trust_domains", "certificates"],
        rules=[_limits_rule],
    )
    fields = {"workload_ca": _WORKLOAD_CA, "bundles": several(bundle), "signers": several(_SIGNER, 1)}
    return record(TrustSpec, fields, rules=[_bundles_rule, _signers_rule])


def own_domain_problems(trust: TrustSpec, own: str) -> Iterator[tuple[str, str]]:
    """Bundles for the mesh's own trust domain, whose identities are for its own authority to sign."""
    for index, one in enumerate(trust.bundles):
        if own in one.trust_domains:
            yield (
                f"trust.bundles[{index}].trust_domains",
                f"{own!r} is this mesh's own: give each mesh a trust domain of its own",
            )


def _bundle(*, trust_domains: tuple[str, ...], certificates: tuple[x509.Certificate, ...]) -> TrustBundleSpec:
    """Each root as PEM of its own, for Istio looks at the first of a text only."""
    roots = {limited(one, trust_domains).public_bytes(Encoding.PEM).decode() for one in certificates}
    return TrustBundleSpec(trust_domains=trust_domains, certificates=tuple(sorted(roots)))


def _limits_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    domains: tuple[str, ...] = found["trust_domains"]
    return [
        ("certificates", f"{_subject(one)} may sign for none of {', '.join(domains)}: write that mesh's trust domain")
        for one in found["certificates"]
        if not permitted(one, domains)
    ]


def _workload_ca(*, ca: int = 1, trusted: tuple[int, ...] = (), **hours: int) -> WorkloadCaSpec:
    return WorkloadCaSpec(epoch=ca, trust_epochs=trusted, **hours)


def _workload_ca_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    spec = _workload_ca(**found)
    if spec.intermediate_hours <= spec.root_hours:
        return []
    return [("intermediate_hours", "is longer than root_hours: shorten it")]


_WORKLOAD_CA = record(
    _workload_ca,
    {"ca": POSITIVE, "trusted": several(POSITIVE, 1), "root_hours": POSITIVE, "intermediate_hours": POSITIVE},
    rules=[_workload_ca_rule],
)


def _bundles_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    """One bundle says all about a trust domain."""
    seen: dict[str, int] = {}
    wrong: list[tuple[str, str]] = []
    for index, one in enumerate(found.get("bundles", ())):
        for domain in one.trust_domains:
            first = seen.setdefault(domain, index)
            if first != index:
                wrong.append(
                    (
                        f"bundles[{index}].trust_domains",
                        f"{domain!r} is in bundles[{first}] too: put all its roots into one bundle",
                    )
                )
    return wrong


def _signer(*, name: str, certificate: tuple[x509.Certificate, ...]) -> SignerSpec:
    return SignerSpec(name=name, certificate=certificate[0].public_bytes(Encoding.PEM).decode())


def _signer_problem(value: str) -> str:
    domain, _, name = value.partition("/")
    wrong = host_problem(domain) or part_problem(name)
    return f"{value!r} is not the name of a signer such as 'signers.example.com/acme'" if wrong else ""


def _one_root_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    count = len(found["certificate"])
    return [("certificate", f"holds {count} certificates: write the one root")] if count != 1 else []


def _signers_rule(found: dict[str, Any]) -> list[tuple[str, str]]:
    """istiod knows one domain of signers; and with several roots it would send every proxy all of them."""
    signers: tuple[SignerSpec, ...] = found.get("signers", ())
    names = [one.name for one in signers]
    wrong = [("signers", f"{name!r} is there twice") for name in sorted({one for one in names if names.count(one) > 1})]
    if len({one.domain for one in signers}) > 1:
        wrong.append(("signers", "are of several domains, of which istiod knows one: name them alike before the slash"))
    if signers:
        others = [key for key in ("workload_ca", "bundles") if key in found]
        wrong += [(key, "has no meaning beside signers, whose roots are not shared: leave it out") for key in others]
    return wrong


def _certificates(value: Any, path: str, problems: list[str]) -> tuple[x509.Certificate, ...] | None:
    """Certificates of authorities."""
    if not isinstance(value, str):
        return refuse(value, "PEM certificates", path, problems)
    try:
        found = x509.load_pem_x509_certificates(value.encode())
    except ValueError:
        problems.append(f"{path}: can't be read: write certificates as PEM (-----BEGIN CERTIFICATE-----)")
        return None
    wrong = [f"{path}: {_subject(one)} {problem}" for one in found if (problem := _certificate_problem(one))]
    problems.extend(wrong)
    return None if wrong else tuple(found)


def _certificate_problem(one: x509.Certificate) -> str:
    if not _is_authority(one):
        return "is no certificate of an authority: write the root that signs the other mesh's certificates"
    if one.not_valid_after_utc < datetime.now(UTC):
        return f"ran out on {one.not_valid_after_utc.date().isoformat()}: write the root that is valid now"
    return ""


def _is_authority(one: x509.Certificate) -> bool:
    try:
        return one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _subject(one: x509.Certificate) -> str:
    return repr(one.subject.rfc4514_string() or "a certificate without a name")


_SIGNER = record(
    _signer,
    {"name": text(_signer_problem), "certificate": _certificates},
    required=["name", "certificate"],
    rules=[_one_root_rule],
)

"""Roots of other meshes, limited to the trust domains of those.

Istio gives a proxy the roots of all trust domains in one list, so the holder of any of them could sign any identity. A
root with name constraints (RFC 5280, section 4.2.1.10) signs for its own trust domains only: Envoy holds to those of a
trusted root too. As every verifier does, it takes such a root by its name and key, and does not look at its signature.
"""

from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SEAL = Ed25519PrivateKey.from_private_bytes(bytes(32))
"""Its signatures say nothing to anybody, and are the same for the same certificate."""


def permitted(root: x509.Certificate, domains: Iterable[str]) -> list[str]:
    """Those of the trust domains that the root's own constraints leave it, sorted."""
    uris = [one.value for one in _constraints(root)[0] if isinstance(one, x509.UniformResourceIdentifier)]
    return sorted(domain for domain in domains if not uris or any(_fits(domain, uri) for uri in uris))


def limited(root: x509.Certificate, domains: Iterable[str]) -> x509.Certificate:
    """The root with name constraints that leave it these trust domains, and with all that it says itself."""
    leaves, takes = _constraints(root)
    kept = [one for one in leaves if not isinstance(one, x509.UniformResourceIdentifier)]
    uris = [x509.UniformResourceIdentifier(domain) for domain in permitted(root, domains)]
    constraints = x509.NameConstraints(permitted_subtrees=[*kept, *uris], excluded_subtrees=takes or None)
    made = (
        x509.CertificateBuilder()
        .subject_name(root.subject)
        .issuer_name(root.issuer)
        .public_key(root.public_key())  # pyright: ignore[reportArgumentType] - a signer's key is none for exchange only
        .serial_number(root.serial_number)
        .not_valid_before(root.not_valid_before_utc)
        .not_valid_after(root.not_valid_after_utc)
    )
    for one in root.extensions:
        if not isinstance(one.value, x509.NameConstraints):
            made = made.add_extension(one.value, critical=one.critical)
    return made.add_extension(constraints, critical=True).sign(_SEAL, None)


def _constraints(root: x509.Certificate) -> tuple[list[x509.GeneralName], list[x509.GeneralName]]:
    """What a root leaves itself, and what it takes from itself."""
    try:
        found = root.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return [], []
    return list(found.permitted_subtrees or ()), list(found.excluded_subtrees or ())


def _fits(domain: str, uri: str) -> bool:
    """A dot before it stands for all domains below."""
    return domain.endswith(uri) if uri.startswith(".") else domain == uri

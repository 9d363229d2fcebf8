"""The roots of other meshes in MeshConfig, and what their name constraints leave them.

Istio gives each proxy the roots of all entries in one list, and asks of a peer that its name begins with one of the
trust domains of all entries: which root signed for which domain, it does not look at. Envoy holds to a root's
constraints.
Source: istio's pilot/pkg/trustbundle and pilot/pkg/networking/plugin/authn/util.go.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cryptography import x509


class Bundle(NamedTuple):
    """One entry of `caCertificates`; without trust domains it is the mesh's own, or one of its signers'.

    `unlimited` says of each root that could sign for other domains, which and why.
    """

    trust_domains: tuple[str, ...]
    unlimited: tuple[str, ...] = ()
    signs: bool = False


def bundle(entry: Mapping[str, Any]) -> Bundle:
    """What an entry says; a root that can't be read may sign for anybody."""
    named = entry.get("trustDomains")
    domains = tuple(one for one in named if isinstance(one, str)) if isinstance(named, list) else ()
    place = entry.get("spiffeBundleUrl")
    remote = (f"what {place} says is taken as it is",) if isinstance(place, str) and place else ()
    unlimited = (*remote, *_unlimited(entry.get("pem"), domains))
    return Bundle(domains, unlimited, signs=bool(entry.get("certSigners")))


def _unlimited(pem: object, domains: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(pem, str) or not pem:
        return
    try:
        roots = x509.load_pem_x509_certificates(pem.encode())
        limits = [(one.subject.rfc4514_string() or "a root without a name", _limits(one)) for one in roots]
    except ValueError:
        yield "its certificates can't be read"
        return
    for subject, left in limits:
        if not left:
            yield f"{subject} has no constraints on what it signs"
        elif beyond := sorted(left - set(domains)):
            yield f"{subject} may sign for {', '.join(beyond)} too"


def _limits(root: x509.Certificate) -> frozenset[str]:
    """The trust domains that a root may sign for; empty where it may for all."""
    try:
        found = root.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return frozenset()
    permitted = found.permitted_subtrees or ()
    return frozenset(one.value for one in permitted if isinstance(one, x509.UniformResourceIdentifier))

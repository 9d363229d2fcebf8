"""Which names a tenant may have, and how names of namespaces and objects are put together so that no two ever meet."""

import hashlib
import re
import unicodedata
from functools import lru_cache

SEPARATOR = "--"
LONGEST = 63
LONGEST_TENANT = 40
_CUT = "---"
_HASH_DIGITS = 8

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_RESERVED_PREFIXES = ("kube-", "istio-", "openshift-", "tenantmesh")
_RESERVED = frozenset(
    {
        "cert-manager",
        "cilium",
        "default",
        "flux-system",
        "gatekeeper-system",
        "ingress-nginx",
        "istio",
        "kube",
        "kyverno",
    }
    | {"local", "localhost", "mesh", "monitoring", "observability", "root", "system"}
)
# Top-level domains that programs call. In a cluster with a namespace of such a name, the search path of resolv.conf has
# the cluster's DNS answer for `stripe.com` (kubernetes/kubernetes#60534). Names of two letters are countries'.
_TOP_LEVEL_DOMAINS = frozenset(
    {"app", "arpa", "biz", "cloud", "com", "dev", "edu", "gov", "info", "int", "mil", "mobi", "name", "net", "online"}
    | {"org", "pro", "site", "tech", "tel", "xyz"}
)
# Cyrillic and Greek letters that look like Latin ones: enough to say what was probably meant.
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0455\u0458\u0501\u03c5\u03bd\u03bf\u03b1", "aceopxyisjduvoa"
)


@lru_cache(maxsize=4096)
def tenant_problem(name: str) -> str:
    """Why `name` can't be a tenant's, or "" when it can.

    A tenant is a DNS label of at most 40 characters without `--`, in lower case, that is neither a system namespace nor
    a top-level domain.
    """
    problem = part_problem(name)
    if problem:
        return problem
    if len(name) > LONGEST_TENANT:
        return f"{name!r} has {len(name)} characters: use at most {LONGEST_TENANT}"
    if name in _RESERVED or name.startswith(_RESERVED_PREFIXES):
        return f"{name!r} is reserved for the cluster's own namespaces: choose another name"
    if name in _TOP_LEVEL_DOMAINS or re.fullmatch(r"[a-z]{2}", name):
        return f"{name!r} is a top-level domain, which a namespace of that name would shadow: choose a longer name"
    return ""


@lru_cache(maxsize=16384)
def part_problem(name: str) -> str:
    """Why `name` can't be one part of a name, or "" when it can: a DNS label without `--`."""
    if not _LABEL.fullmatch(name) or len(name) > LONGEST:
        return f"{name!r} is not a name (lower-case letters, digits and '-', at most {LONGEST}){_did_you_mean(name)}"
    if SEPARATOR in name:
        return f"{name!r} has '{SEPARATOR}', which separates the parts of a name: use one '-'"
    return ""


@lru_cache(maxsize=16384)
def namespace_name(tenant: str, part: str = "") -> str:
    """The namespace of a tenant's part: `acme` for the home namespace, `acme--db` for the part `db`."""
    return joined(tenant, part) if part else tenant


@lru_cache(maxsize=16384)
def joined(*parts: str) -> str:
    """Parts joined to one DNS label, so that different parts never give the same name.

    `--` occurs in no part. A name over 63 characters keeps its start and ends in `---` and a hash of the whole; three
    dashes occur in no name that was not cut.
    """
    return shortened(SEPARATOR.join(parts))


def gateway_name(tenant: str, role: str) -> str:
    """What the objects of a gateway are called; `role` is ingress or egress, and `--` and its name behind that."""
    return shortened(f"{tenant}-{role}")


def shortened(name: str) -> str:
    """The name itself up to 63 characters, else its start, `---` and eight hexadecimal digits of its SHA-256."""
    if len(name) <= LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_DIGITS]
    return name[: LONGEST - len(_CUT) - _HASH_DIGITS] + _CUT + digest


@lru_cache(maxsize=16384)
def label_of_host(host: str) -> str:
    """A host as one DNS label, different for different hosts: `-` is doubled, then `.` becomes `-`."""
    return shortened(host.replace("-", "--").replace(".", "-").replace("*", "any"))


def logical_name(tenant: str, name: str, namespace: str = "") -> str:
    """The Pulumi name of a tenant's resource: `tenant/namespace/name`, or `tenant/name` for a cluster-wide one."""
    return "/".join((tenant, namespace, name) if namespace else (tenant, name))


def _did_you_mean(name: str) -> str:
    """A legal name that looks like the given one, offered as a hint."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LOOK_ALIKES)).encode("ascii", "ignore").decode()
    guess = re.sub(r"-+", "-", re.sub(r"[^a-z0-9]+", "-", plain)).strip("-")[:LONGEST]
    return f": did you mean {guess!r}?" if guess and guess != name else ""

"""Which ProxyConfigs only say who signs the certificates of the proxies."""

from collections.abc import Mapping
from typing import Any

_SIGNER = "ISTIO_META_CERT_SIGNER"


def only_signer(spec: Mapping[str, Any]) -> bool:
    """Whether a ProxyConfig names a signer and says nothing else.

    Whoever signs, the name in a certificate is the one that istiod knows its asker by, as it takes it from the token.
    """
    variables = spec.get("environmentVariables")
    return set(spec) == {"environmentVariables"} and isinstance(variables, Mapping) and set(variables) == {_SIGNER}

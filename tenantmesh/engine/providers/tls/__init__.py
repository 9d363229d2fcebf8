"""The `tls` provider: the resources and functions of pulumi-tls, made without a plugin."""

from tenantmesh.engine.provider import Ambient
from tenantmesh.engine.providers.bridged import BridgedProvider
from tenantmesh.engine.providers.tls.connect import Proxy, proxy_of
from tenantmesh.engine.providers.tls.lookup import get_certificate, get_public_key
from tenantmesh.engine.providers.tls.types import RESOURCE_TYPES
from tenantmesh.engine.values import Properties

__all__ = ["TlsProvider"]


class TlsProvider(BridgedProvider):
    """Manages the resources of pulumi-tls as its provider over terraform-provider-tls 4 does.

    Private keys are made by the `cryptography` library and appear in outputs only, never in an error.
    """

    package = "tls"
    distribution = "pulumi-tls"

    def __init__(self, ambient: Ambient) -> None:
        super().__init__(ambient, RESOURCE_TYPES)
        self._proxy = Proxy()

    def configure(self, config: Properties) -> None:
        """Take the proxy that `getCertificate` uses for https. Raises ProviderError when it can't be used."""
        self._proxy = proxy_of(config)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """`getPublicKey` and `getCertificate`; the latter uses the network when it is given a URL."""
        match token:
            case "tls:index/getPublicKey:getPublicKey":
                return get_public_key(arguments)
            case "tls:index/getCertificate:getCertificate":
                return get_certificate(arguments, self._proxy, self.ambient)
            case _:
                return super().invoke(token, arguments)

"""The resource types of pulumi-tls as tables: fields, defaults and what forces a replacement."""

from collections.abc import Mapping

from tenantmesh.engine.providers.bridged.schema import Field, Kind, ResourceType, Role, always
from tenantmesh.engine.providers.tls.certificates import cert_request, locally_signed_cert, self_signed_cert
from tenantmesh.engine.providers.tls.keys import ALGORITHMS, CURVES, private_key
from tenantmesh.engine.providers.tls.renewal import plan_renewal, refresh_renewal
from tenantmesh.engine.providers.tls.rules import (
    at_least,
    country_code,
    ip_addresses,
    known_uses,
    nonempty,
    one_of,
    pem_change,
    short_name,
)

_OUTPUT = Field(role=Role.OUTPUT)
_FRESH = Field(role=Role.OUTPUT, keeps=False)
_FRESH_SECRET = Field(role=Role.OUTPUT, keeps=False, secret=True)
_PEM = Field(role=Role.REQUIRED, replaces=pem_change)
_SECRET_PEM = Field(role=Role.REQUIRED, replaces=pem_change, secret=True)
_REPLACING = Field(replaces=always)
_STRINGS = Field(kind=Kind.STRINGS, replaces=always)
_SWITCH = Field(kind=Kind.BOOLEAN, default=False, replaces=always)

_SUBJECT: Mapping[str, Field] = {
    "organization": _REPLACING,
    "commonName": Field(replaces=always, validators=(short_name,)),
    "organizationalUnit": _REPLACING,
    "streetAddresses": Field(kind=Kind.STRINGS, replaces=always, terraform="street_address"),
    "locality": _REPLACING,
    "province": _REPLACING,
    "country": Field(replaces=always, validators=(country_code,)),
    "postalCode": _REPLACING,
    "serialNumber": _REPLACING,
    "emailAddress": _REPLACING,
}

_SUBJECT_INPUTS: Mapping[str, Field] = {
    "privateKeyPem": _SECRET_PEM,
    "subject": Field(kind=Kind.OBJECT, replaces=always, fields=_SUBJECT),
    "dnsNames": _STRINGS,
    "ipAddresses": Field(kind=Kind.STRINGS, replaces=always, validators=(nonempty("ipAddresses"), ip_addresses)),
    "uris": Field(kind=Kind.STRINGS, replaces=always, validators=(nonempty("uris"),)),
}

_CERTIFICATE: Mapping[str, Field] = {
    "validityPeriodHours": Field(
        role=Role.REQUIRED, kind=Kind.INTEGER, replaces=always, validators=(at_least("validityPeriodHours", 0),)
    ),
    "allowedUses": Field(role=Role.REQUIRED, kind=Kind.STRINGS, replaces=always, validators=(known_uses,)),
    "earlyRenewalHours": Field(kind=Kind.INTEGER, default=0, validators=(at_least("earlyRenewalHours", 0),)),
    "isCaCertificate": _SWITCH,
    "maxPathLength": Field(
        role=Role.EITHER, kind=Kind.INTEGER, replaces=always, validators=(at_least("maxPathLength", -1),)
    ),
    "setSubjectKeyId": _SWITCH,
    "certPem": _OUTPUT,
    "readyForRenewal": Field(role=Role.OUTPUT, kind=Kind.BOOLEAN, default=False),
    "validityStartTime": _OUTPUT,
    "validityEndTime": _OUTPUT,
    "id": _OUTPUT,
}

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        token="tls:index/privateKey:PrivateKey",  # noqa: S106  a type token is no password
        version=1,
        fields={
            "algorithm": Field(
                role=Role.REQUIRED, replaces=always, validators=(one_of("algorithm", tuple(ALGORITHMS)),)
            ),
            "rsaBits": Field(kind=Kind.INTEGER, default=2048, replaces=always),
            "ecdsaCurve": Field(default="P224", replaces=always, validators=(one_of("ecdsaCurve", tuple(CURVES)),)),
            **dict.fromkeys(("privateKeyPem", "privateKeyOpenssh", "privateKeyPemPkcs8"), _FRESH_SECRET),
            **dict.fromkeys(("publicKeyPem", "publicKeyOpenssh"), _FRESH),
            **dict.fromkeys(("publicKeyFingerprintMd5", "publicKeyFingerprintSha256", "id"), _FRESH),
        },
        make=private_key,
    ),
    ResourceType(
        token="tls:index/certRequest:CertRequest",  # noqa: S106  a type token is no password
        fields={**_SUBJECT_INPUTS, **dict.fromkeys(("keyAlgorithm", "certRequestPem", "id"), _OUTPUT)},
        make=cert_request,
    ),
    ResourceType(
        token="tls:index/selfSignedCert:SelfSignedCert",  # noqa: S106  a type token is no password
        fields={**_SUBJECT_INPUTS, **_CERTIFICATE, "setAuthorityKeyId": _SWITCH, "keyAlgorithm": _OUTPUT},
        make=self_signed_cert,
        adjust=plan_renewal,
        refresh=refresh_renewal,
    ),
    ResourceType(
        token="tls:index/locallySignedCert:LocallySignedCert",  # noqa: S106  a type token is no password
        fields={
            "caCertPem": _PEM,
            "caPrivateKeyPem": _SECRET_PEM,
            "certRequestPem": _PEM,
            **_CERTIFICATE,
            "caKeyAlgorithm": _OUTPUT,
        },
        make=locally_signed_cert,
        adjust=plan_renewal,
        refresh=refresh_renewal,
    ),
)

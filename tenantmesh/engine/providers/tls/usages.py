"""Key usages and extended key usages (RFC 5280, sections 4.2.1.3 and 4.2.1.12) by the names of `allowedUses`."""

from collections.abc import Iterable, Mapping

from cryptography import x509

_KEY_USAGES: Mapping[str, str] = {
    "digital_signature": "digital_signature",
    "content_commitment": "content_commitment",
    "key_encipherment": "key_encipherment",
    "data_encipherment": "data_encipherment",
    "key_agreement": "key_agreement",
    "cert_signing": "key_cert_sign",
    "crl_signing": "crl_sign",
    "encipher_only": "encipher_only",
    "decipher_only": "decipher_only",
}

_EXTENDED: Mapping[str, str] = {
    "any_extended": "2.5.29.37.0",
    "server_auth": "1.3.6.1.5.5.7.3.1",
    "client_auth": "1.3.6.1.5.5.7.3.2",
    "code_signing": "1.3.6.1.5.5.7.3.3",
    "email_protection": "1.3.6.1.5.5.7.3.4",
    "ipsec_end_system": "1.3.6.1.5.5.7.3.5",
    "ipsec_tunnel": "1.3.6.1.5.5.7.3.6",
    "ipsec_user": "1.3.6.1.5.5.7.3.7",
    "timestamping": "1.3.6.1.5.5.7.3.8",
    "ocsp_signing": "1.3.6.1.5.5.7.3.9",
    "microsoft_server_gated_crypto": "1.3.6.1.4.1.311.10.3.3",
    "netscape_server_gated_crypto": "2.16.840.1.113730.4.1",
    "microsoft_commercial_code_signing": "1.3.6.1.4.1.311.2.1.22",
    "microsoft_kernel_code_signing": "1.3.6.1.4.1.311.61.1.1",
}

ALLOWED_USES: frozenset[str] = frozenset({*_KEY_USAGES, *_EXTENDED})


def key_usage(uses: Iterable[str]) -> x509.KeyUsage | None:
    """The extension for the plain usages among `uses`, or None without any."""
    wanted = {_KEY_USAGES[use] for use in uses if use in _KEY_USAGES}
    return x509.KeyUsage(**{name: name in wanted for name in _KEY_USAGES.values()}) if wanted else None


def extended_key_usage(uses: Iterable[str]) -> x509.ExtendedKeyUsage | None:
    """The extension for the extended usages among `uses`, in their order, or None without any."""
    identifiers = dict.fromkeys(_EXTENDED[use] for use in uses if use in _EXTENDED)
    return x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in identifiers]) if identifiers else None

"""Distinguished names: from a subject's properties, and as the text that Go prints."""

import string
from collections.abc import Mapping

from cryptography import x509
from cryptography.x509.oid import NameOID

from tenantmesh.engine.values import Properties

_OIDS: Mapping[str, x509.ObjectIdentifier] = {
    "country": NameOID.COUNTRY_NAME,
    "province": NameOID.STATE_OR_PROVINCE_NAME,
    "locality": NameOID.LOCALITY_NAME,
    "streetAddresses": NameOID.STREET_ADDRESS,
    "postalCode": NameOID.POSTAL_CODE,
    "organization": NameOID.ORGANIZATION_NAME,
    "organizationalUnit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "commonName": NameOID.COMMON_NAME,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "emailAddress": NameOID.EMAIL_ADDRESS,
}
"""In the order in which Go's pkix.Name writes them."""

_SHORT: Mapping[str, str] = {
    "2.5.4.6": "C",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.3": "CN",
    "2.5.4.5": "SERIALNUMBER",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.17": "POSTALCODE",
}


_PRINTABLE = frozenset(string.ascii_letters + string.digits + " '()+,-./:=?")


def subject_name(subject: Properties) -> x509.Name:
    """The name that a subject's properties describe; empty ones are left out."""
    return _name({key: _as_list(subject.get(key)) for key in _OIDS})


def signed_name(requested: x509.Name) -> x509.Name:
    """The name that a signer takes from a request: what Go's pkix.Name knows, so no e-mail address."""
    values = {key: [str(one.value) for one in requested.get_attributes_for_oid(oid)] for key, oid in _OIDS.items()}
    return _name({**values, "emailAddress": []})


def go_text(name: x509.Name) -> str:
    """The name as Go's pkix.Name prints it: RFC 2253, last part first, what it does not know at the end."""
    known = [_SHORT[oid.dotted_string] for oid in _OIDS.values() if oid.dotted_string in _SHORT]
    parts: dict[str, list[str]] = {short: [] for short in known}
    others: list[str] = []
    for attribute in name:
        short = _SHORT.get(attribute.oid.dotted_string)
        if short:
            parts[short].append(f"{short}={_escape(str(attribute.value))}")
        else:
            others.append(_unknown(attribute))
    return ",".join([*("+".join(parts[short]) for short in reversed(known) if parts[short]), *reversed(others)])


def _name(values: Mapping[str, list[str]]) -> x509.Name:
    groups = [[x509.NameAttribute(_OIDS[key], text) for text in values[key] if text] for key in _OIDS]
    return x509.Name([x509.RelativeDistinguishedName(group) for group in groups if group])


def _as_list(value: str | list[str] | None) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _unknown(attribute: x509.NameAttribute[str | bytes]) -> str:
    """An attribute that Go has no name for: its value encoded anew, as PrintableString where that can hold it."""
    value = attribute.value.encode() if isinstance(attribute.value, str) else attribute.value
    tag = 0x13 if all(chr(byte) in _PRINTABLE for byte in value) else 0x0C
    return f"{attribute.oid.dotted_string}=#{(bytes([tag]) + _length(len(value)) + value).hex()}"


def _length(size: int) -> bytes:
    """A length in DER."""
    if size < 0x80:
        return bytes([size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


def _escape(text: str) -> str:
    escaped = "".join("\\" + one if one in ',+"\\<>;' else one for one in text)
    if escaped[:1] in (" ", "#") and escaped:
        escaped = "\\" + escaped
    if text.endswith(" ") and len(text) > 1:
        escaped = escaped[:-1] + "\\ "
    return escaped

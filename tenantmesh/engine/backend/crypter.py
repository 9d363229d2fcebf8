"""Pulumi's passphrase encryption: AES-256-GCM with a key from PBKDF2 (sdk/go/common/resource/config/crypt.go)."""

import base64
import binascii
import hashlib
import os
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenantmesh.errors import PassphraseError, StateError

_ITERATIONS: Final = 1_000_000
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_SALT_BYTES: Final = 8
_PROOF: Final = "pulumi"
"""What a salt carries encrypted, so that a wrong passphrase is noticed before anything is decrypted with it."""

_REFUSED: Final = (
    "incorrect passphrase; set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it"
)


class Crypter:
    """Encrypts and decrypts a stack's secrets; `salt` is what a checkpoint and a stack's configuration keep of it."""

    def __init__(self, key: bytes, salt: str) -> None:
        self.salt = salt
        self._cipher = AESGCM(key)

    def __repr__(self) -> str:
        return f"Crypter({self.salt!r})"

    def encrypt(self, plaintext: str) -> str:
        """`v1:nonce:ciphertext`, different at every call."""
        nonce = os.urandom(_NONCE_BYTES)
        return f"v1:{_encode(nonce)}:{_encode(self._cipher.encrypt(nonce, plaintext.encode(), None))}"

    def decrypt(self, ciphertext: str) -> str:
        """What was encrypted; raises StateError when it wasn't encrypted with this key or was damaged."""
        version, _, rest = ciphertext.partition(":")
        nonce, _, body = rest.partition(":")
        if version != "v1" or not body:
            raise StateError("an encrypted value does not have the form v1:nonce:ciphertext")
        try:
            return self._cipher.decrypt(_decode(nonce), _decode(body), None).decode()
        except (InvalidTag, ValueError):
            # The cause is not chained: it could hold pieces of a value.
            raise StateError(
                "an encrypted value is damaged, or was encrypted with another passphrase or salt"
            ) from None


def unlock(phrase: str, salt: str) -> Crypter:
    """The crypter for a known salt (`v1:salt:v1:nonce:ciphertext`); raises PassphraseError for a wrong passphrase."""
    version, _, rest = salt.partition(":")
    raw, _, proof = rest.partition(":")
    try:
        seed = _decode(raw)
    except ValueError:
        seed = b""
    if version != "v1" or not seed or not proof:
        raise StateError("the encryption salt does not have the form v1:salt:v1:nonce:ciphertext")
    crypter = Crypter(_key(phrase, seed), salt)
    try:
        fits = crypter.decrypt(proof) == _PROOF
    except StateError:
        fits = False
    if not fits:
        raise PassphraseError(_REFUSED)
    return crypter


def with_new_salt(phrase: str) -> Crypter:
    """A crypter for a stack that has no salt yet."""
    seed = os.urandom(_SALT_BYTES)
    key = _key(phrase, seed)
    return Crypter(key, f"v1:{_encode(seed)}:{Crypter(key, '').encrypt(_PROOF)}")


@lru_cache(maxsize=16)
def _key(phrase: str, seed: bytes) -> bytes:
    # A million rounds take about half a second: once a passphrase and salt, not once a stack that is opened.
    return hashlib.pbkdf2_hmac("sha256", phrase.encode(), seed, _ITERATIONS, _KEY_BYTES)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error

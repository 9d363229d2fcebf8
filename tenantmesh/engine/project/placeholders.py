"""A program is evaluated without the passphrase of its stack: what is encrypted stays unknown to it."""

from collections.abc import Mapping

from tenantmesh.engine.backend.crypter import Crypter
from tenantmesh.engine.backend.passphrase import Passphrase
from tenantmesh.engine.wire import UNKNOWN_TEXT


class Placeholders:
    """Decrypts where the environment gives a passphrase, and otherwise puts an unknown value for every secret.

    A program sees it as a text, which becomes an unknown value again wherever it hands the text on as it is.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._passphrase = Passphrase(environment)

    def unlock(self, salt: str) -> "Crypter | Placeholders":
        """What decrypts values of `salt`; raises PassphraseError when the passphrase is given and wrong."""
        return self._passphrase.unlock(salt) if self._passphrase.given else self

    def decrypt(self, ciphertext: str) -> str:
        """The text that stands for an unknown value."""
        del ciphertext
        return UNKNOWN_TEXT

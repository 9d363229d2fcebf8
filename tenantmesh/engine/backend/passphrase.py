"""Where the passphrase of a stack comes from: the environment, a file that it names, or a person at a terminal."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tenantmesh.engine.backend.crypter import Crypter, unlock, with_new_salt
from tenantmesh.errors import PassphraseError

Prompt = Callable[[str], str]
"""Shows a question and reads a line without showing it."""

_ATTEMPTS: Final = 3
_MISSING: Final = (
    "no passphrase; set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it"
)


class Passphrase:
    """Gives the crypter for a salt, and asks for a passphrase at most once a salt.

    An empty passphrase is one too: PULUMI_CONFIG_PASSPHRASE counts when it is set, whatever it holds. `prompt` is used
    only where the environment names none; without it a missing passphrase is a PassphraseError.
    """

    def __init__(self, environment: Mapping[str, str], prompt: Prompt | None = None) -> None:
        self._environment = environment
        self._prompt = prompt
        self._known: dict[str, Crypter] = {}
        self._mutex = threading.Lock()

    @property
    def given(self) -> bool:
        """Whether the environment gives one, so that nobody has to be asked."""
        return self._from_environment() is not None

    def unlock(self, salt: str) -> Crypter:
        """The crypter for `salt`; raises PassphraseError when the passphrase is missing or wrong."""
        with self._mutex:
            if salt not in self._known:
                self._known[salt] = self._unlock(salt)
            return self._known[salt]

    def create(self) -> Crypter:
        """A crypter with a new salt; a person is asked twice."""
        with self._mutex:
            phrase = self._from_environment()
            crypter = with_new_salt(self._choose() if phrase is None else phrase)
            self._known[crypter.salt] = crypter
            return crypter

    def _unlock(self, salt: str) -> Crypter:
        phrase = self._from_environment()
        if phrase is not None:
            return unlock(phrase, salt)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return unlock(self._ask("passphrase to unlock config and secrets: "), salt)
            except PassphraseError:
                if attempt == _ATTEMPTS or self._prompt is None:
                    raise
        raise PassphraseError(_MISSING)

    def _choose(self) -> str:
        first = self._ask("new passphrase to protect config and secrets: ")
        if self._ask("the same passphrase again: ") != first:
            raise PassphraseError("the two passphrases differ; try again")
        return first

    def _ask(self, question: str) -> str:
        if self._prompt is None:
            raise PassphraseError(_MISSING)
        return self._prompt(question)

    def _from_environment(self) -> str | None:
        if "PULUMI_CONFIG_PASSPHRASE" in self._environment:
            return self._environment["PULUMI_CONFIG_PASSPHRASE"]
        name = self._environment.get("PULUMI_CONFIG_PASSPHRASE_FILE")
        if not name:
            return None
        try:
            return Path(name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise PassphraseError(f"PULUMI_CONFIG_PASSPHRASE_FILE: {name} can't be read: {reason}") from None

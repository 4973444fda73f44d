"""Seals the secret fields of a state, each by itself, with AES-256-GCM under the key of its document.

A sealed value says nothing but its length, and fits one place only: controller, module, document, field and version of
the key are bound into it. What was changed or moved does not open. Under a destroyed key everything reads `vernietigd`.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.privacy.controllers import Controller
from shared.privacy.keyring import NONCE_BYTES, DataKey
from shared.runtime.cases import Unreadable

PREFIX = "vb1."
"""What a sealed value begins with; then the version of the key, and nonce and text in base64url."""
DESTROYED = "vernietigd"
"""What is read where a key was destroyed."""
UNREADABLE = "niet leesbaar"
"""What is read on a list where a seal is broken or its key is lost."""

Tree = dict[str, "Tree | None"]
Change = Callable[[str, str], str]
"""Takes a field's path, such as `talks[0].advice[1].words`, and its text; returns what takes its place."""


class SealBroken(Unreadable):
    """A sealed value was changed, moved, or replaced by plain text. The text says where, never what."""


def tree_of(paths: Iterable[str]) -> Tree:
    """`("a.b", "c[].d")` as `{"a": {"b": None}, "c": {"[]": {"d": None}}}`. Raises `ValueError` for a field in two."""
    tree: Tree = {}
    for path in paths:
        *above, last = path.replace("[]", ".[]").split(".")
        here = tree
        for part in above:
            there = here.setdefault(part, {})
            if there is None:
                raise ValueError(f"{path} lies below a secret field")
            here = there
        if here.setdefault(last, None) is not None:
            raise ValueError(f"{path} has secret fields below it")
    return tree


def changed(value: Any, tree: Tree | None, change: Change, at: str = "") -> Any:
    """A copy in which every non-empty text at a leaf of the tree is changed. What is not there is passed over."""
    if value is None or value == "":
        return value
    if tree is None:
        if not isinstance(value, str):
            raise TypeError(f"{at} is secret and no text")
        return change(at, value)
    if isinstance(value, list) and "[]" in tree:
        return [changed(one, tree["[]"], change, f"{at}[{number}]") for number, one in enumerate(value)]
    if not isinstance(value, dict):
        raise TypeError(f"{at} has secret fields and is no object or list of them")
    parts = {
        name: changed(value[name], inner, change, f"{at}.{name}" if at else name)
        for name, inner in tree.items()
        if name in value
    }
    return value | parts


class Vault:
    """The secret fields of the states of one module. `secrets`: their paths, such as `victim.name`, `notes[].text`."""

    def __init__(self, controller: Controller, module: str, secrets: Iterable[str]) -> None:
        self.controller = controller
        self.module = module
        self._tree = tree_of(secrets)

    def seal(self, state: Any, document: str, key: DataKey) -> Any:
        """The state as it may be stored. Under a destroyed key texts are not sealed but replaced."""
        if key.secret is None:
            return changed(state, self._tree, lambda _, __: DESTROYED)
        cipher = AESGCM(key.secret)

        def seal(at: str, text: str) -> str:
            nonce = secrets.token_bytes(NONCE_BYTES)
            sealed = nonce + cipher.encrypt(nonce, text.encode(), self._bound(document, at, key.version))
            return f"{PREFIX}{key.version}.{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

        return changed(state, self._tree, seal)

    def open(self, state: Any, document: str, key: DataKey) -> Any:
        """The state as it was. Raises `SealBroken`."""
        return changed(state, self._tree, lambda at, text: self._opened(at, text, document, key))

    def open_what_opens(self, state: Any, document: str, key: DataKey | None) -> tuple[Any, bool]:
        """The state, with `niet leesbaar` where a seal is broken; and whether all of it opened. None: the key is lost.

        For lists alone: what is read so must never be stored.
        """
        broken: list[str] = []

        def opened(at: str, text: str) -> str:
            try:
                if key is not None:
                    return self._opened(at, text, document, key)
            except SealBroken:
                pass
            broken.append(at)
            return UNREADABLE

        return changed(state, self._tree, opened), not broken

    def _opened(self, at: str, text: str, document: str, key: DataKey) -> str:
        if key.secret is None:
            return DESTROYED
        where = f"{self.module} {document} {at}"
        start = f"{PREFIX}{key.version}."
        if not text.startswith(start):
            raise SealBroken(f"{where} is not sealed with its key")
        try:
            sealed = text.removeprefix(start)
            raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            bound = self._bound(document, at, key.version)
            return AESGCM(key.secret).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise SealBroken(f"{where} was changed or moved") from None

    def _bound(self, document: str, at: str, version: int) -> bytes:
        return "\x00".join((PREFIX, self.controller, self.module, document, at, str(version))).encode()

    def texts(self, state: Any) -> list[str]:
        """What stands at the secret fields, as it is stored."""
        found: list[str] = []

        def note(_: str, text: str) -> str:
            found.append(text)
            return text

        changed(state, self._tree, note)
        return found

    def touches(self, field: str) -> tuple[bool, bool]:
        """Whether a field of a document, such as `state.talks.0.advice`, is or lies in a secret one, or holds one.

        Two answers: it is or lies in one; it is, lies in or holds one.
        """
        first, *parts = re.sub(r"\.(\d+|\$(\[\w*\])?)(?=\.|$)", "", field).split(".")
        if first != "state":
            return False, False
        here: Tree | None = self._tree
        for part in parts:
            while here and "[]" in here:
                here = here["[]"]
            if here is None:
                return True, True
            if part not in here:
                return False, False
            here = here[part]
        while here and "[]" in here:
            here = here["[]"]
        return here is None, here is None or bool(here)

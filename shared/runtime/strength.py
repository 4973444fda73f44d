"""Whether a secret may be used outside local mode: keys from examples, tests and keyboards are refused."""

from __future__ import annotations

from itertools import pairwise

KEY_BYTES = 32
DISTINCT = 16
"""Of 32 random bytes hardly ever fewer differ: a key like that once in more than ten thousand million million."""

WORDS = (b"example", b"voorbeeld", b"change", b"secret", b"geheim", b"password", b"wachtwoord", b"default", b"test")


class WeakSecret(ValueError):
    """A secret that somebody may guess. The text names it and never repeats it."""


def weakness(key: bytes) -> str:
    """Why this key may not be used, as the end of a sentence; empty when it may."""
    if len(key) < KEY_BYTES:
        return f"is shorter than {KEY_BYTES} bytes"
    if any(word in key.lower() for word in WORDS):
        return "holds a word from an example"
    if all(32 <= byte < 127 for byte in key):
        return "is text; draw it at random"
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    if len(steps) == 1 or len(set(key)) < DISTINCT:
        return "is a pattern; draw it at random"
    return ""


def check_keys(keys: dict[str, bytes]) -> None:
    """Raises `WeakSecret` when one of these named keys is weak, or two are the same."""
    for name, key in keys.items():
        if found := weakness(key):
            raise WeakSecret(f"{name} {found}")
    if len(set(keys.values())) < len(keys):
        same = next(name for name, key in keys.items() if list(keys.values()).count(key) > 1)
        raise WeakSecret(f"{same} must not be the same as another key")

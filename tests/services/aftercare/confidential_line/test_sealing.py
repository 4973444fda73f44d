"""Sealed texts: readable with the right keys in the right place, and nowhere else."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from services.aftercare.confidential_line.sealing import BLOCK, DataKey, OwnKeys

ONE, TWO = b"1" * 32, b"2" * 32
TEXT = "Er belt elke nacht iemand. é".encode()


def test_what_was_sealed_is_read_again_and_cannot_be_read_as_it_lies():
    keys = OwnKeys({1: ONE})
    key = keys.new_key("c")
    sealed = keys.seal("c", "contact", TEXT, key)
    assert keys.open("c", "contact", sealed, key) == TEXT
    assert b"nacht" not in sealed + key.wrapped
    assert keys.seal("c", "contact", TEXT, key) != sealed


def test_it_is_bound_to_contact_field_and_version():
    keys = OwnKeys({1: ONE, 2: ONE})
    key = keys.new_key("c")
    assert key.version == 2
    sealed = keys.seal("c", "contact", TEXT, key)
    for contact, field, other in (
        ("d", "contact", key), ("c", "other", key), ("c", "contact", DataKey(1, key.wrapped)),
        ("c", "contact", keys.new_key("c")),
    ):  # fmt: skip
        with pytest.raises(InvalidTag):
            keys.open(contact, field, sealed, other)


def test_without_the_lines_key_or_with_a_changed_byte_nothing_opens():
    """S-VTL-11."""
    keys = OwnKeys({1: ONE})
    key = keys.new_key("c")
    sealed = keys.seal("c", "contact", TEXT, key)
    with pytest.raises(InvalidTag):
        OwnKeys({1: TWO}).open("c", "contact", sealed, key)
    for at in (0, 20, len(sealed) - 1):
        with pytest.raises(InvalidTag):
            keys.open("c", "contact", sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], key)


def test_after_a_rotation_the_old_is_still_read_and_the_new_uses_the_new_key():
    old = OwnKeys({1: ONE})
    key = old.new_key("c")
    sealed = old.seal("c", "contact", TEXT, key)
    both = OwnKeys({1: ONE, 2: TWO})
    assert both.open("c", "contact", sealed, key) == TEXT
    fresh = both.new_key("c")
    assert fresh.version == 2
    assert OwnKeys({2: TWO}).open("c", "contact", both.seal("c", "contact", TEXT, fresh), fresh) == TEXT


def test_short_and_shorter_texts_take_the_same_room():
    keys = OwnKeys({1: ONE})
    key = keys.new_key("c")
    sizes = {len(keys.seal("c", "contact", b"a" * length, key)) for length in (1, 100, BLOCK)}
    assert len(sizes) == 1
    assert len(keys.seal("c", "contact", b"a" * (BLOCK + 1), key)) not in sizes

"""Return codes: random, kept as a hash, and as much work for a wrong one as for a right one."""

from __future__ import annotations

import re

import pytest

from services.aftercare.confidential_line import codes as codes_module
from services.aftercare.confidential_line.codes import COST, Codes, Kept, new_code, scrypt

KEY = b"k" * 32


class Counted:
    """A hash that counts how often it is asked, and with how much."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def __call__(self, code: bytes, salt: bytes) -> bytes:
        self.asked.append((len(code), len(salt)))
        return scrypt(code, salt, cost=16)


def test_a_code_is_sixteen_digits_in_groups_and_never_the_same():
    made = {new_code() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", code) for code in made)


def test_codes_are_drawn_by_the_generator_for_secrets(monkeypatch):
    drawn = []
    monkeypatch.setattr(codes_module.secrets, "randbelow", lambda most: drawn.append(most) or 7)
    assert new_code() == "0000 0000 0000 0007"
    assert drawn == [10**16]


async def test_the_right_code_fits_however_it_is_written_and_no_other_does():
    codes = Codes(KEY, derive=Counted())
    kept = await codes.kept("1234 5678 9012 3456")
    for written in ("1234 5678 9012 3456", "1234567890123456", "1234-5678-9012-3456", " 1234.5678 9012 3456 "):
        assert codes.locator(written) == kept.locator
        assert await codes.fits(written, kept)
    for wrong in ("1234 5678 9012 3457", "", "x" * 1000, "1234 5678 9012 345", "é\ud800"):
        assert codes.locator(wrong) != kept.locator
        assert not await codes.fits(wrong, kept)


async def test_what_is_kept_does_not_hold_the_code_and_differs_each_time():
    codes = Codes(KEY, derive=Counted())
    one, two = [await codes.kept("1234 5678 9012 3456") for _ in range(2)]
    assert one.hash != two.hash and one.salt != two.salt
    assert "1234567890123456" not in str(one) and b"1234567890123456" not in one.salt + one.hash
    assert Codes(b"o" * 32).locator("1234 5678 9012 3456") != one.locator, "needs the key"


@pytest.mark.parametrize("code", ["1234 5678 9012 3456", "6543 2109 8765 4321", "", "kanarie", "9" * 4000])
async def test_right_wrong_and_unknown_take_one_hash_each(code):
    counted = Counted()
    codes = Codes(KEY, derive=counted)
    kept = await codes.kept("1234 5678 9012 3456")
    for one in (kept, None):
        counted.asked.clear()
        await codes.fits(code, one)
        ((_, salt),) = counted.asked
        assert salt == len(kept.salt)


async def test_nothing_kept_never_fits_not_even_what_a_decoy_would_hash_to():
    codes = Codes(KEY, derive=lambda code, salt: bytes(32))
    assert not await codes.fits("1234", None)
    assert await codes.fits("1234", Kept("", b"s" * 16, bytes(32)))


def test_the_hash_is_slow_by_default_and_salted():
    """OWASP's least for scrypt is n=2^15 with r=8 and p=3, or 2^17 with p=1; ours guards 53 random bits, not words."""
    assert COST >= 2**15
    assert scrypt(b"a", b"s" * 16, 16) != scrypt(b"a", b"t" * 16, 16)
    assert len(scrypt(b"a", b"s" * 16)) == 32

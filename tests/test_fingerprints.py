"""Fingerprints stand in ledgers for years: what they are may not change unnoticed."""

from __future__ import annotations

from smnotebook.fingerprints import FINGERPRINT_BYTES, fingerprint, fingerprint_each

PAYLOADS = [b"", b'{"productId":"SKU-1"}', '{"name":"żółw"}'.encode(), b"x" * 5_000]


def test_a_fingerprint_is_the_same_on_every_machine_and_in_every_release():
    """XXH3 with 128 bits, the highest byte first, as its specification gives it for an empty input."""
    assert fingerprint(b"").hex() == "99aa06d3014798d86001c324468d497f"
    assert fingerprint(b'{"productId":"SKU-1"}').hex() == "3263502ea43ae222929c16b37c4d88aa"


def test_many_at_once_are_those_of_each():
    each = fingerprint_each(memoryview(payload) for payload in PAYLOADS)
    assert each == [fingerprint(payload) for payload in PAYLOADS]
    assert {len(one) for one in each} == {FINGERPRINT_BYTES}
    assert len(set(each)) == len(PAYLOADS)

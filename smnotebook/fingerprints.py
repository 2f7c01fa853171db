"""What tells two contents of a product apart: 128 bits of its payload."""

from __future__ import annotations

from collections.abc import Iterable

from xxhash import xxh3_128_digest

__all__ = ["FINGERPRINT_BYTES", "fingerprint", "fingerprint_each"]

#: Bytes of a fingerprint. With 128 bits a million products collide with a chance of about 1e-27.
FINGERPRINT_BYTES = 16


# XXH3 and not a cryptographic digest: a fingerprint keeps one analyst's own products apart and guards nothing against
# anybody. Measured on payloads of 430 bytes it takes 0.14 microseconds where BLAKE2b takes 0.7, and Python's lock is
# held meanwhile.
def fingerprint(content: bytes | memoryview) -> bytes:
    """16 bytes that depend on the content alone, on every machine."""
    return xxh3_128_digest(content)


def fingerprint_each(contents: Iterable[bytes | memoryview]) -> list[bytes]:
    """The fingerprint of each."""
    return list(map(xxh3_128_digest, contents))

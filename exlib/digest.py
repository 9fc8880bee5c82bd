"""SHA-256, without loading OpenSSL for the few bytes that most runs have to digest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_LARGE = 1 << 20
"""Bytes from which on OpenSSL's speed is worth the 2 ms that loading it takes."""


def sha256_hex(data: bytes) -> str:
    """The digest in 64 hexadecimal digits."""
    if len(data) >= _LARGE:
        import hashlib

        return hashlib.sha256(data).hexdigest()
    digest: str = _sha256(data).hexdigest()
    return digest


def _lean() -> Callable[[bytes], Any]:
    """The interpreter's own implementation, as the standard library's ``random`` takes it, else that of hashlib."""
    from importlib import import_module

    for name in ("_sha2", "_sha256"):  # since 3.12, and before
        try:
            found: Callable[[bytes], Any] = import_module(name).sha256
        except (ImportError, AttributeError):
            continue
        return found
    import hashlib

    return hashlib.sha256


_sha256 = _lean()

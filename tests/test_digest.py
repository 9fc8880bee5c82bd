from __future__ import annotations

import hashlib

import pytest

from exlib.digest import _LARGE, sha256_hex


@pytest.mark.parametrize("size", [0, 1, 1000, _LARGE - 1, _LARGE, _LARGE + 1])
def test_it_is_sha_256_whoever_computes_it(size: int) -> None:
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    assert sha256_hex(data) == hashlib.sha256(data).hexdigest()

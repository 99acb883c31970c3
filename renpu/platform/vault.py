"""Sealed personal values and the blind indexes that find them.

A sealed value is `key id (1 byte) | nonce (12) | ciphertext and tag`; the row it belongs to is bound in as
additional data, so that a value cannot be moved to another row. A blind index is the first 16 bytes of a keyed hash
of the normalised value.
"""

import hashlib
import os
from collections.abc import Iterable
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from renpu.platform.keys import key_file

KEY_ID = b"\x01"
_NONCE = 12
_TAG = 16


class _SM4GCM:
    """SM4 in GCM with the calling shape of AESGCM (`cryptography` offers the cipher, not the wrapper)."""

    def __init__(self, key: bytes):
        self._key = key[:16]

    def encrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        sealer = Cipher(algorithms.SM4(self._key), modes.GCM(nonce)).encryptor()
        sealer.authenticate_additional_data(aad)
        return sealer.update(data) + sealer.finalize() + sealer.tag

    def decrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        opener = Cipher(algorithms.SM4(self._key), modes.GCM(nonce, data[-_TAG:])).decryptor()
        opener.authenticate_additional_data(aad)
        return opener.update(data[:-_TAG]) + opener.finalize()


class _Keyed:
    """HMAC (RFC 2104) with one key: the two hashes are begun once and copied, four times the speed of hmac.digest."""

    BLOCK = 64  # bytes, of SHA-256 and of SM3

    def __init__(self, key: bytes, name: str):
        padded = key.ljust(self.BLOCK, b"\0")
        self._inner = hashlib.new(name, bytes(b ^ 0x36 for b in padded))
        self._outer = hashlib.new(name, bytes(b ^ 0x5C for b in padded))

    def digest(self, data: bytes) -> bytes:
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


@lru_cache(maxsize=1)
def _suite():
    """(cipher, keyed hash, hash name) of this installation."""
    data, index = key_file(settings.HOME, "data"), key_file(settings.HOME, "index")
    if settings.CIPHER == "gm":
        return _SM4GCM(data), _Keyed(index, "sm3"), "sm3"
    return AESGCM(data), _Keyed(index, "sha256"), "sha256"


def seal_bytes(data: bytes, aad: bytes) -> bytes:
    """`data` sealed for the row `aad`."""
    nonce = os.urandom(_NONCE)
    return KEY_ID + nonce + _suite()[0].encrypt(nonce, data, aad)


def unseal_bytes(blob: bytes, aad: bytes) -> bytes:
    """The opened value; cryptography's InvalidTag when the row or the key is another."""
    blob = bytes(blob)
    return _suite()[0].decrypt(blob[1 : 1 + _NONCE], blob[1 + _NONCE :], aad)


def seal(text: str, aad: bytes) -> bytes:
    return seal_bytes(text.encode(), aad)


def unseal(blob: bytes | memoryview | None, aad: bytes) -> str:
    """The opened text; an absent value opens to an empty text."""
    return unseal_bytes(bytes(blob), aad).decode() if blob else ""


def opened(blobs: Iterable[bytes], aads: Iterable[bytes]) -> list[str]:
    """Many values, each opened with its own row: as `unseal`, without a call of Python for each part of one."""
    decrypt, end = _suite()[0].decrypt, 1 + _NONCE
    return [decrypt(blob[1:end], blob[end:], aad).decode() for blob, aad in zip(blobs, aads, strict=True)]


def blind_index(text: str, field: str) -> bytes:
    """16 bytes that are equal for equal texts of one kind of field, and tell nothing without the key."""
    return _suite()[1].digest(f"{field}\0{text}".encode())[:16]


def chain(previous: bytes, digests: list[bytes]) -> bytes:
    """The head of a hash chain after appending `digests` to a chain whose head was `previous`."""
    name = _suite()[2]
    head = previous
    for one in digests:
        head = hashlib.new(name, head + one).digest()
    return head


def digest(data: bytes) -> bytes:
    return hashlib.new(_suite()[2], data).digest()

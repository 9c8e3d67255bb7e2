"""Keys, sealing, and the keyed values that stand for secrets in the database.

Every seal is AES-256-GCM whose associated data names where it belongs (table, row, field, version), so a
sealed value moved to another row does not open. No secret appears in a repr, a log or an error here.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from itertools import count
from pathlib import Path
from typing import IO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from webapp.core import secret_code
from webapp.store.keyring import (
    KEY_BYTES,
    MasterKeys,
    load_key,
    locked,
    master_name,
    master_versions,
    write_key,
)
from webapp.store.keyring import KeysUnusable as KeysUnusable
from webapp.store.opened import OpenedFile

CHUNK_BYTES: Final = 1024 * 1024
DATA_KEY: Final = "data-key"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_SALT_BYTES: Final = 32
_SECRET: Final = re.compile(r"[0-9a-f]{32}\Z")


class Unsealable(Exception):
    """A sealed value was changed, moved, cut short, or is opened with another key."""


class Readable(Protocol):
    """Anything bytes can be read from."""

    def read(self, size: int, /) -> bytes: ...


# --- key files ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Keys:
    """The installation's keys, 32 random bytes each, hidden from reprs. `master` is the newest version."""

    master: bytes = field(repr=False)
    receipt: bytes = field(repr=False)
    index: bytes = field(repr=False)
    session: bytes = field(repr=False)
    flask: bytes = field(repr=False)

    @classmethod
    def load_or_create(cls, folder: Path) -> "Keys":
        """Read `<name>.key` from `folder`; at the first start, when none exists, make them all.

        Raises KeysUnusable when some are missing (a new master key would make every sealed text
        unreadable, so none is made then), when others may read them, or when one has another length.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = [f"{key.name}.key" for key in fields(cls)]
        with locked(folder):
            masters = master_versions(folder)
            missing = [name for name in names if not (folder / name).exists()]
            if len(missing) == len(names) and not masters:
                _create(folder, names)
            elif lost := [name for name in missing if name != master_name(1) or not masters]:
                raise KeysUnusable(f"{folder} lacks {', '.join(lost)}: restore all keys from the backup")
            newest = master_name(max(masters, default=1))
            return cls(load_key(folder / newest), *(load_key(folder / name) for name in names[1:]))


def _create(folder: Path, names: list[str]) -> None:
    # Two steps, so that a start cut off while writing leaves no half set behind.
    for name in names:
        write_key(folder / f"{name}.new")
    for name in names:
        os.rename(folder / f"{name}.new", folder / name)


# --- the vault ---------------------------------------------------------------------------------


class Vault:
    """Seals and opens, and makes the keyed values, with the keys of one installation."""

    def __init__(self, keys: Keys, masters: MasterKeys | None = None) -> None:
        self._keys = keys
        self._masters = masters or MasterKeys({1: keys.master})

    def new_data_key(self, purpose: str = DATA_KEY) -> tuple[bytes, bytes]:
        """A fresh data key and its wrapped form to store. Unwrapping needs the same `purpose`."""
        key = AESGCM.generate_key(bit_length=256)
        return key, self._wrap(key, purpose)

    def unwrap(self, wrapped: bytes, purpose: str = DATA_KEY) -> bytes:
        """The data key again, whichever master key that is still there wrapped it. Raises Unsealable."""
        version = wrapped_by(wrapped)
        try:
            master = self._masters.key(version)
        except KeyError:
            raise Unsealable(f"{master_name(version)} is not here: restore it from the backup") from None
        return _decrypt(master, wrapped[1:], _canonical("wrap", purpose, version))

    def rewrap(self, wrapped: bytes, purpose: str = DATA_KEY) -> bytes:
        """The same data key, wrapped by the newest master key. Raises Unsealable."""
        return self._wrap(self.unwrap(wrapped, purpose), purpose)

    def _wrap(self, key: bytes, purpose: str) -> bytes:
        version, master = self._masters.newest()
        return bytes([version]) + _encrypt(master, key, _canonical("wrap", purpose, version))

    def seal(
        self, key: bytes, plaintext: bytes, table: str, row: int | str, field: str, version: int = 1
    ) -> bytes:
        """Seal one value for one place: version byte, 96-bit nonce, ciphertext and tag."""
        return bytes([version]) + _encrypt(key, plaintext, _canonical("value", table, row, field, version))

    def open(self, key: bytes, sealed: bytes, table: str, row: int | str, field: str) -> bytes:
        """The value sealed for this place. Raises Unsealable."""
        return _decrypt(key, sealed[1:], _canonical("value", table, row, field, _version(sealed)))

    def seal_stream(
        self, key: bytes, source: Readable, table: str, row: int | str, field: str, version: int = 1
    ) -> Iterator[bytes]:
        """Seal a file in chunks of 1 MiB, each numbered and the last one marked."""
        salt = secrets.token_bytes(_SALT_BYTES)
        cipher, place = _stream_cipher(key, salt, table, row, field, version)
        yield bytes([version]) + salt
        for nonce, chunk in _numbered(source, CHUNK_BYTES):
            yield cipher.encrypt(nonce, chunk, place)

    def open_stream(
        self, key: bytes, source: Readable, table: str, row: int | str, field: str
    ) -> Iterator[bytes]:
        """The file's chunks, each authenticated before it is given. Raises Unsealable, also at a cut end.

        A file cut at a chunk's border shows only at its last chunk: use a file only when all came.
        """
        version = _version(_read(source, 1))
        cipher, place = _stream_cipher(key, _read(source, _SALT_BYTES), table, row, field, version)
        for nonce, chunk in _numbered(source, CHUNK_BYTES + _TAG_BYTES):
            yield _decrypted(cipher, nonce, chunk, place)

    def open_file(
        self, key: bytes, source: IO[bytes], size: int, table: str, row: int | str, field: str
    ) -> OpenedFile:
        """The file as `open_stream` gives it, but from any place on; `size` is what was sealed.

        Each chunk is authenticated before it is given. Raises Unsealable at once when the sealed file has
        another length than so much plaintext makes, so that a cut file shows wherever it is read.
        """
        version = _version(_read(source, 1))
        cipher, place = _stream_cipher(key, _read(source, _SALT_BYTES), table, row, field, version)
        sealed, last = CHUNK_BYTES + _TAG_BYTES, max(0, size - 1) // CHUNK_BYTES
        head = 1 + _SALT_BYTES
        if source.seek(0, os.SEEK_END) != head + size + (last + 1) * _TAG_BYTES:
            raise Unsealable("the sealed file is shorter or longer than what was sealed")

        def chunk(number: int) -> bytes:
            source.seek(head + number * sealed)
            return _decrypted(cipher, _nonce(number, number == last), _read(source, sealed), place)

        return OpenedFile(source, chunk, CHUNK_BYTES, size)

    def blind_index(self, kind: str, value: str) -> str:
        """64 hex digits that stand for a value in look-ups. The caller normalises the value first."""
        return _mac(self._keys.index, "index", kind, value)

    def receipt_mac(self, secret_hex: str) -> str:
        """The idempotency key of a phone's secret. ValueError unless it is 32 hex digits (128 bits)."""
        return _mac(self._keys.receipt, "receipt", _secret(secret_hex))

    def code_for(self, secret_hex: str) -> str:
        """The secret code that belongs to a phone's secret, always the same. ValueError as above."""
        digest = _mac(self._keys.receipt, "code", _secret(secret_hex))
        return secret_code.encode(bytes.fromhex(digest))

    def code_mac(self, code: str) -> str:
        """The look-up value of a secret code, however it was typed."""
        return _mac(self._keys.receipt, "code-lookup", secret_code.normalise(code))


def wrapped_by(wrapped: bytes) -> int:
    """The version of the master key that wrapped this data key. Raises Unsealable when it is empty."""
    return _version(wrapped)


def same(left: str | bytes, right: str | bytes) -> bool:
    """Whether two keyed values are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(_octets(left), _octets(right))


def _octets(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _secret(secret_hex: str) -> str:
    lowered = secret_hex.lower()
    if not _SECRET.match(lowered):
        raise ValueError("a phone's secret is 32 hex digits")
    return lowered


_compact: Final = json.JSONEncoder(separators=(",", ":")).encode


def _canonical(*parts: str | int) -> bytes:
    # JSON keeps the borders between the parts, whatever is inside them.
    return _compact(["hoidap", *map(str, parts)]).encode()


def _mac(key: bytes, *parts: str) -> str:
    return hmac.new(key, _canonical(*parts), hashlib.sha256).hexdigest()


def _version(sealed: bytes) -> int:
    if not sealed:
        raise Unsealable("the sealed value is empty")
    return sealed[0]


def _encrypt(key: bytes, plaintext: bytes, place: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, place)


def _decrypt(key: bytes, sealed: bytes, place: bytes) -> bytes:
    return _decrypted(AESGCM(key), sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)


def _decrypted(cipher: AESGCM, nonce: bytes, sealed: bytes, place: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, place)
    except (InvalidTag, ValueError):
        raise Unsealable("the sealed value does not open here: changed, moved, or another key") from None


def _stream_cipher(
    key: bytes, salt: bytes, table: str, row: int | str, field: str, version: int
) -> tuple[AESGCM, bytes]:
    """A cipher with a key of its own for this file, so that counted nonces can never meet again."""
    place = _canonical("stream", table, row, field, version)
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, place).derive(key)), place


def _nonce(number: int, last: bool) -> bytes:
    """Of a chunk: an 11-byte counter and a byte that is 1 for the last one."""
    return number.to_bytes(11, "big") + bytes([last])


def _numbered(source: Readable, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Blocks with their nonces."""
    block = _read(source, size)
    for number in count():
        following = _read(source, size)
        yield _nonce(number, not following), block
        if not following:
            return
        block = following


def _read(source: Readable, size: int) -> bytes:
    """Exactly `size` bytes unless the source ends: a socket may give fewer at a time."""
    parts: list[bytes] = []
    while size and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)

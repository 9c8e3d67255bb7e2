"""Keys stay private, and what is sealed opens only where it was sealed."""

import io
import logging
import multiprocessing
import os
import stat
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from webapp.core.secret_code import Ok, check
from webapp.store import sealing
from webapp.store.sealing import CHUNK_BYTES, Keys, KeysUnusable, Unsealable, Vault, same

SECRET = "0123456789abcdef0123456789abcdef"
KEYS = Keys(*(bytes([number]) * 32 for number in range(1, 6)))
VAULT = Vault(KEYS)
KEY = b"k" * 32


def test_the_first_start_makes_private_key_files_and_the_next_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "keys"
    made = Keys.load_or_create(folder)
    assert Keys.load_or_create(folder) == made
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    names = ["master.key", "receipt.key", "index.key", "session.key", "flask.key"]
    assert modes == dict.fromkeys(names, 0o600)


def test_key_files_are_private_whatever_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Keys.load_or_create(tmp_path / "keys")
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}


def test_the_five_keys_differ_and_have_32_bytes(tmp_path: Path) -> None:
    keys = Keys.load_or_create(tmp_path)
    values = {getattr(keys, key.name) for key in fields(keys)}
    assert len(values) == 5 and {len(value) for value in values} == {32}


def _make_keys(folder: Path, start: object, made: "multiprocessing.SimpleQueue[bytes]") -> None:
    start.wait()  # type: ignore[attr-defined]
    made.put(Keys.load_or_create(folder).master)


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    start, made = spawn.Barrier(4), spawn.SimpleQueue()
    starters = [spawn.Process(target=_make_keys, args=(tmp_path / "keys", start, made)) for _ in range(4)]
    for starter in starters:
        starter.start()
    assert len({made.get() for _ in starters}) == 1
    for starter in starters:
        starter.join(30)


def test_a_lost_key_is_an_error_and_never_made_anew(tmp_path: Path) -> None:
    Keys.load_or_create(tmp_path)
    (tmp_path / "master.key").unlink()
    with pytest.raises(KeysUnusable, match=r"master\.key"):
        Keys.load_or_create(tmp_path)
    assert not (tmp_path / "master.key").exists()


def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    Keys.load_or_create(tmp_path)
    (tmp_path / "index.key").chmod(0o640)
    with pytest.raises(KeysUnusable, match=r"index\.key.*chmod 600"):
        Keys.load_or_create(tmp_path)


def test_a_cut_key_is_refused(tmp_path: Path) -> None:
    Keys.load_or_create(tmp_path)
    (tmp_path / "flask.key").write_bytes(b"short")
    with pytest.raises(KeysUnusable, match="5 bytes"):
        Keys.load_or_create(tmp_path)


def test_a_first_start_that_was_cut_off_begins_again(tmp_path: Path) -> None:
    (tmp_path / "master.key.new").write_bytes(b"half")
    assert len(Keys.load_or_create(tmp_path).master) == 32


def test_keys_do_not_show_in_reprs_or_logs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    keys = Keys.load_or_create(tmp_path)
    vault = Vault(keys)
    vault.open(KEY, vault.seal(KEY, b"x", "t", 1, "f"), "t", 1, "f")
    shown = repr(keys) + str(keys) + repr(vault) + caplog.text
    assert repr(keys) == "Keys()"
    for key in fields(keys):
        value = getattr(keys, key.name)
        assert value.hex() not in shown and repr(value) not in shown


# --- values ------------------------------------------------------------------------------------


@examples()
@given(st.binary(), st.integers(0, 255))
def test_a_sealed_value_opens_where_it_was_sealed(plaintext: bytes, version: int) -> None:
    sealed = VAULT.seal(KEY, plaintext, "identity", 7, "phone", version)
    assert sealed[0] == version and len(sealed) == 1 + 12 + len(plaintext) + 16
    assert VAULT.open(KEY, sealed, "identity", 7, "phone") == plaintext


@pytest.mark.parametrize(
    "place",
    [
        ("identity", 8, "phone"),
        ("identity", 7, "name"),
        ("account", 7, "phone"),
        ('identity","7', "", "phone"),
    ],
)
def test_a_value_moved_to_another_place_does_not_open(place: tuple[str, int | str, str]) -> None:
    sealed = VAULT.seal(KEY, b"0905", "identity", 7, "phone")
    with pytest.raises(Unsealable):
        VAULT.open(KEY, sealed, *place)


def test_a_value_with_any_bit_changed_does_not_open() -> None:
    sealed = VAULT.seal(KEY, b"0905", "identity", 7, "phone")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Unsealable):
            VAULT.open(KEY, bytes(changed), "identity", 7, "phone")


@examples()
@given(st.binary(max_size=40))
def test_rubbish_does_not_open_and_raises_nothing_else(rubbish: bytes) -> None:
    with pytest.raises(Unsealable):
        VAULT.open(KEY, rubbish, "identity", 7, "phone")
    with pytest.raises(Unsealable):
        VAULT.unwrap(rubbish)


def test_the_same_value_never_looks_the_same_twice() -> None:
    assert len({VAULT.seal(KEY, b"same", "t", 1, "f") for _ in range(50)}) == 50


def test_a_wrapped_data_key_unwraps_for_its_purpose_only() -> None:
    key, wrapped = VAULT.new_data_key("submission")
    assert len(key) == 32 and key not in wrapped
    assert VAULT.unwrap(wrapped, "submission") == key
    with pytest.raises(Unsealable):
        VAULT.unwrap(wrapped, "account")


def test_another_installation_cannot_unwrap_a_data_key() -> None:
    _, wrapped = VAULT.new_data_key()
    stranger = Vault(Keys(*(bytes([number]) * 32 for number in range(11, 16))))
    with pytest.raises(Unsealable):
        stranger.unwrap(wrapped)


# --- files -------------------------------------------------------------------------------------


def _sealed_file(plaintext: bytes) -> bytes:
    return b"".join(VAULT.seal_stream(KEY, io.BytesIO(plaintext), "media", "a", "original"))


def _opened_file(sealed: bytes, row: str = "a") -> bytes:
    return b"".join(VAULT.open_stream(KEY, io.BytesIO(sealed), "media", row, "original"))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_a_sealed_file_opens_whatever_its_size(size: int) -> None:
    plaintext = os.urandom(size)
    assert _opened_file(_sealed_file(plaintext)) == plaintext


class _Trickle(io.BytesIO):
    """A source that gives fewer bytes than asked for, as sockets do."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 1000))


def test_a_source_that_trickles_is_sealed_in_whole_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "CHUNK_BYTES", 4096)
    plaintext = os.urandom(10_000)
    parts = list(VAULT.seal_stream(KEY, _Trickle(plaintext), "media", "a", "original"))
    assert [len(part) for part in parts] == [33, 4112, 4112, 1824]
    assert b"".join(VAULT.open_stream(KEY, _Trickle(b"".join(parts)), "media", "a", "original")) == plaintext


HEAD, SEALED_CHUNK = 33, 64 + 16
ATTACKS: dict[str, Callable[[bytes], bytes]] = {
    "cut to nothing": lambda sealed: b"",
    "cut in the header": lambda sealed: sealed[:20],
    "cut after the header": lambda sealed: sealed[:HEAD],
    "cut at a border": lambda sealed: sealed[: HEAD + 2 * SEALED_CHUNK],
    "cut inside a chunk": lambda sealed: sealed[:-1],
    "more at the end": lambda sealed: sealed + b"x",
    "last chunk twice": lambda sealed: sealed + sealed[-SEALED_CHUNK:],
    "two chunks swapped": lambda sealed: (
        sealed[:HEAD] + sealed[HEAD + SEALED_CHUNK : HEAD + 2 * SEALED_CHUNK]
        + sealed[HEAD : HEAD + SEALED_CHUNK] + sealed[HEAD + 2 * SEALED_CHUNK :]
    ),
    "first chunk dropped": lambda sealed: sealed[:HEAD] + sealed[HEAD + SEALED_CHUNK :],
    "another version": lambda sealed: b"\x02" + sealed[1:],
    "a bit of the salt": lambda sealed: sealed[:1] + bytes([sealed[1] ^ 1]) + sealed[2:],
    "a bit of the end": lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_file_that_was_tampered_with_does_not_open(attack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "CHUNK_BYTES", 64)
    sealed = _sealed_file(os.urandom(3 * 64))
    assert len(_opened_file(sealed)) == 192
    with pytest.raises(Unsealable):
        _opened_file(ATTACKS[attack](sealed))


def test_a_file_moved_to_another_row_does_not_open() -> None:
    with pytest.raises(Unsealable):
        _opened_file(_sealed_file(b"photo"), row="b")


# --- keyed values ------------------------------------------------------------------------------


def test_keyed_values_of_one_secret_are_stable_and_unlike_each_other() -> None:
    code = VAULT.code_for(SECRET)
    assert check(code) == Ok(code)
    assert code == VAULT.code_for(SECRET.upper())
    values = [VAULT.receipt_mac(SECRET), VAULT.code_mac(code), VAULT.blind_index("phone", SECRET)]
    assert len(set(values)) == 3 and all(len(value) == 64 for value in values)
    assert VAULT.receipt_mac(SECRET) == Vault(KEYS).receipt_mac(SECRET)


def test_codes_and_macs_stay_what_they_were_when_they_were_stored() -> None:
    assert VAULT.code_for(SECRET) == "TF0HW-WSST7-9SMJ7-QZ86G-167Z1"
    assert VAULT.receipt_mac(SECRET)[:16] == "c465c9aa7d53df5c"
    assert VAULT.blind_index("phone", "+84905000000")[:16] == "c4b50d55ed7694e4"


def test_a_code_is_looked_up_however_it_was_typed() -> None:
    code = VAULT.code_for(SECRET)
    assert VAULT.code_mac(code.lower().replace("-", " ")) == VAULT.code_mac(code)


def test_blind_indexes_of_different_kinds_differ() -> None:
    assert VAULT.blind_index("phone", "a") != VAULT.blind_index("email", "a")
    assert VAULT.blind_index("a", "bc") != VAULT.blind_index("ab", "c")


@pytest.mark.parametrize("secret", ["", "0" * 31, "0" * 33, "g" * 32, "0" * 32 + "\n"])
def test_a_secret_that_is_not_128_bits_is_refused_without_repeating_it(secret: str) -> None:
    for derive in (VAULT.receipt_mac, VAULT.code_for):
        with pytest.raises(ValueError, match="32 hex digits") as refusal:
            derive(secret)
        assert not secret or secret not in str(refusal.value)


def test_same_compares_text_and_bytes() -> None:
    assert same("abc", b"abc") and not same("abc", "abd") and not same("a", "ab")

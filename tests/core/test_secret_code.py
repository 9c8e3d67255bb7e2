"""The code a citizen copies by hand: every likely slip is noticed, and the group to look at is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from webapp.core.secret_code import ALPHABET, Bad, Ok, check, encode, normalise, printed

bits = st.binary(min_size=15, max_size=32)
places = st.integers(0, 24)


def _replaced(symbols: str, place: int, symbol: str) -> str:
    return symbols[:place] + symbol + symbols[place + 1 :]


@examples()
@given(bits)
def test_an_encoded_code_checks_as_right_and_comes_back_as_printed(raw: bytes) -> None:
    assert check(encode(raw)) == Ok(encode(raw))


@examples()
@given(bits)
def test_a_code_is_five_groups_of_five_from_the_alphabet(raw: bytes) -> None:
    groups = encode(raw).split("-")
    assert [len(group) for group in groups] == [5] * 5
    assert set("".join(groups)) <= set(ALPHABET)


@examples()
@given(st.integers(0, 2**115 - 1), st.integers(0, 2**115 - 1))
def test_different_bits_give_different_codes(left: int, right: int) -> None:
    codes = [encode((number << 5).to_bytes(15, "big")) for number in (left, right)]
    assert (codes[0] == codes[1]) == (left == right)


@examples()
@given(bits, places, st.integers(1, 31))
def test_every_single_wrong_symbol_is_detected_and_its_group_named(raw: bytes, place: int, step: int) -> None:
    right = normalise(encode(raw))
    symbol = ALPHABET[(ALPHABET.index(right[place]) + step) % 32]
    assert check(_replaced(right, place, symbol)) == Bad("checksum", place // 5 + 1)


def test_all_775_single_changes_of_one_code_are_located() -> None:
    right = normalise(encode(bytes(range(15))))
    changes = [(place, symbol) for place in range(25) for symbol in ALPHABET if symbol != right[place]]
    found = [check(_replaced(right, place, symbol)) for place, symbol in changes]
    assert found == [Bad("checksum", place // 5 + 1) for place, _ in changes]
    assert len(found) == 775


@examples()
@given(bits, places, places)
def test_swapped_symbols_are_detected_and_never_blamed_on_one_group(raw: bytes, one: int, other: int) -> None:
    right = normalise(encode(raw))
    swapped = _replaced(_replaced(right, one, right[other]), other, right[one])
    assert check(swapped) == (Ok(printed(right)) if swapped == right else Bad("checksum", None))


@examples()
@given(bits, st.lists(places, min_size=2, max_size=2, unique=True), st.integers(1, 31), st.integers(1, 31))
def test_any_two_wrong_symbols_are_detected(raw: bytes, wrong: list[int], one: int, other: int) -> None:
    text = normalise(encode(raw))
    for place, step in zip(wrong, (one, other), strict=True):
        text = _replaced(text, place, ALPHABET[(ALPHABET.index(text[place]) + step) % 32])
    found = check(text)
    assert isinstance(found, Bad) and found.code == "checksum"


def test_the_check_symbols_stay_what_they_were_when_codes_were_printed() -> None:
    assert encode(bytes(15)) == "00000-00000-00000-00000-00000"
    assert encode(bytes(range(15))) == "000G4-0R40M-30E20-9185G-R38ZA"


@examples()
@given(bits)
def test_look_alikes_case_and_separators_do_not_matter(raw: bytes) -> None:
    code = encode(raw)
    typed = code.lower().replace("0", "o").replace("1", "l").replace("-", " \u2013 ")
    assert check(typed) == Ok(code)
    assert check(normalise(code)) == Ok(code)
    assert check("".join(chr(ord(symbol) + 0xFEE0) for symbol in code)) == Ok(code)


@examples()
@given(bits, places)
def test_a_character_outside_the_alphabet_names_its_group(raw: bytes, place: int) -> None:
    right = normalise(encode(raw))
    assert check(printed(_replaced(right, place, "U"))) == Bad("symbol", place // 5 + 1)
    assert check(_replaced(right, place, "?")) == Bad("symbol", place // 5 + 1)


@examples()
@given(bits, places)
def test_a_missing_symbol_names_the_short_group(raw: bytes, place: int) -> None:
    groups = encode(raw).split("-")
    groups[place // 5] = groups[place // 5][1:]
    assert check("-".join(groups)) == Bad("length", place // 5 + 1)


@pytest.mark.parametrize(
    ("typed", "group"),
    [("", 1), ("ABC", 1), ("ABCDE", 2), ("ABCDE-FGH", 2), ("0" * 24, 5), ("0" * 26, None), ("ABCDEF-ABC", 1)],
)
def test_a_code_of_the_wrong_length_names_where_it_stops(typed: str, group: int | None) -> None:
    assert check(typed) == Bad("length", group)


def test_too_few_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="115 bits"):
        encode(bytes(14))


def test_a_right_code_is_hidden_from_reprs() -> None:
    assert encode(bytes(range(15)))[:5] not in repr(check(encode(bytes(range(15)))))


@examples()
@given(st.text())
def test_checking_never_raises_whatever_is_typed(typed: str) -> None:
    found = check(typed)
    assert isinstance(found, Ok) or found.group is None or 1 <= found.group <= 5

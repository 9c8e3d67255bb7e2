"""Folding for search and cleaning of what people type. Vietnamese words appear by their code points."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from webapp.core.text import clean_line, clean_text, fold, nfc

HOLE = "\u0110\u01b0\u1eddng c\u00f3 \u1ed5 g\u00e0"  # a pothole, as a citizen writes it


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        (HOLE, "duong co o ga"),
        (unicodedata.normalize("NFD", HOLE), "duong co o ga"),
        ("\u0110\u00e0 N\u1eb5ng,  Qu\u1ea3ng Nam", "da nang, quang nam"),
        ("a\u2014b\n\tc", "a b c"),
        ("\uff21\uff11 \u2460", "a1 1"),
        ("\U0001f6a7", ""),
    ],
)
def test_folding_gives_plain_lower_case_ascii(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_every_vietnamese_letter_folds_to_one_ascii_letter() -> None:
    vowels = "a\u0103\u00e2e\u00eaio\u00f4\u01a1u\u01b0y"
    tones = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
    letters = [nfc(vowel + tone) for vowel in vowels for tone in tones] + ["\u0111"]
    for letter in letters + [letter.upper() for letter in letters]:
        assert fold(letter) in "adeiouy" and len(fold(letter)) == 1


@examples()
@given(st.text())
def test_folding_is_ascii_and_folding_twice_changes_nothing(text: str) -> None:
    folded = fold(text)
    assert folded.isascii() and folded == folded.lower()
    assert fold(folded) == folded


@examples()
@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_composed_and_decomposed_forms_compare_and_fold_alike(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert nfc(decomposed) == nfc(text)
    assert fold(decomposed) == fold(text)


def test_clean_text_keeps_lines_and_drops_control_characters() -> None:
    assert clean_text(" one\r\ntwo\x00\x1b[31m\u202e\t three  \rfour\u2028five\n\n") == (
        "one\ntwo[31m  three\nfour\nfive"
    )


def test_clean_text_keeps_joined_emoji_and_removes_lone_surrogates() -> None:
    family = "\U0001f468\u200d\U0001f469"
    assert clean_text(f"{family}\ud800") == family


def test_clean_line_is_one_line_with_single_spaces() -> None:
    assert clean_line("  Nguy\u0065\u0302\u0303n \n\t A\u0000 ") == "Nguy\u1ec5n A"


@examples()
@given(st.text())
def test_cleaned_text_can_be_stored_anywhere_and_stays_the_same(text: str) -> None:
    cleaned = clean_text(text)
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")
    assert clean_text(cleaned) == cleaned
    assert "\n" not in clean_line(text)

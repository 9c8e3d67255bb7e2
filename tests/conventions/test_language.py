"""People read Vietnamese, code reads English: the sentences live in words/, regulations/ and templates/."""

import unicodedata

BASES = "aăâeêioôơuưyđ"
TONES = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
COMPOSED = {unicodedata.normalize("NFC", base + tone) for base in BASES for tone in TONES}
LETTERS = {c for letter in COMPOSED for c in (letter, letter.upper()) if len(c) == 1 and not c.isascii()}
# The same letters typed in decomposed form leave these marks behind.
MARKS = {"\u0302", "\u0306", "\u031b", *TONES[1:]}


def test_the_alphabet_is_whole():
    assert len(LETTERS) == 2 * 67, "67 lower-case letters beyond ASCII, and their capitals"


def test_no_vietnamese_in_python(root, modules, where, refuse):
    files = [*modules, *sorted((root / "migrations").rglob("*.py"))]
    refuse(
        (
            f"{where(path, number)}: {line.strip()[:90]}"
            for path in files
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if not (LETTERS | MARKS).isdisjoint(line)
        ),
        "return a code with parameters and put the sentence into webapp/words/ (labels of a "
        "regulation go into its file). A single letter the code must know is an escape, \\u0111.",
    )

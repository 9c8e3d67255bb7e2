"""docs/regulation-format.md names every table and key a regulation file may have, in both languages, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from webapp.core.events import Kind
from webapp.core.regulation import CONDITIONS, FACTS, PURPOSES
from webapp.regulations import keys

DOCUMENT = (Path(__file__).parents[2] / "docs" / "regulation-format.md").read_text("utf-8")
VIETNAMESE, ENGLISH, LISTS = re.split(r"^# (?=A regulation|Danh)", DOCUMENT, flags=re.MULTILINE)
LANGUAGES = [pytest.param(VIETNAMESE, id="vi"), pytest.param(ENGLISH, id="en")]

ROWS: dict[str, Any] = {
    "regulation": keys.HEAD,
    "counting": keys.COUNTING,
    "publicity": keys.PUBLICITY,
    "rating": {"cite"},
    "records": keys.RECORDS,
    "report_periods": keys.REPORT_PERIODS,
    "total": keys.TOTAL,
    "role": keys.ROLE,
    "state": keys.STATE,
    "move": keys.MOVE,
    "move.only_if": keys.CONDITION,
    "move.then": keys.THEN,
    "move.max": {"count", "cite"},
    "move.cap": {"term", "start", "cite"},
    "clock": keys.CLOCK,
    "term": keys.TERM,
    "clock.remind": {"before", "cite"},
    "ground": keys.GROUND,
    "notice": keys.NOTICE,
    "field": keys.FIELD,
    "rating_option": keys.RATING,
    "secrecy": keys.CHOICE,
    "kind": keys.CHOICE,
    "channel": keys.CHANNEL,
    "reveal": keys.REVEAL,
    "report": keys.REPORT,
    "letter": keys.LETTER,
    "interpretation": keys.INTERPRETATION,
}


# Told once, at the head of each language, for every table that has them.
COMMON = {"id", "label", "hint", "cite"}


def sections(text: str) -> dict[str, str]:
    """Each table's part of the document, by the table's name."""
    parts = re.split(r"^###? ", text, flags=re.MULTILINE)
    named = (re.match(r"`\[*([a-z_.]+)\]*`(.*)", part, flags=re.DOTALL) for part in parts)
    return {match[1]: match[2] for match in named if match}


def explained(section: str) -> set[str]:
    """The keys a section explains: what stands in code before the colon of a bullet, or after an "Or"."""
    bullets = re.findall(r"^- ((?:`[a-z_]+`(?:, )?)+):", section, flags=re.MULTILINE)
    others = re.findall(r"(?:Hoặc|Or) `([a-z_]+)`:", section)
    return {key for bullet in bullets for key in re.findall(r"`([a-z_]+)`", bullet)} | set(others)


def test_every_table_the_loader_knows_is_held_here():
    assert {name for name in ROWS if "." not in name} - {"term"} == keys.TABLES.keys()


@pytest.mark.parametrize("text", LANGUAGES)
def test_every_table_is_explained_and_no_other(text):
    assert sections(text).keys() == ROWS.keys()


@pytest.mark.parametrize("table", ROWS)
@pytest.mark.parametrize("text", LANGUAGES)
def test_every_key_is_explained_and_no_other(text, table):
    assert explained(sections(text)[table]) | COMMON & set(ROWS[table]) == set(ROWS[table])
    assert explained(sections(text)[table]).isdisjoint(COMMON)


@pytest.mark.parametrize("text", LANGUAGES)
def test_what_many_tables_have_is_told_at_the_head(text):
    head = text.partition("\n## ")[0]
    assert set(re.findall(r"`([a-z]+)`", head)) >= COMMON


@pytest.mark.parametrize("text", LANGUAGES)
def test_every_word_that_a_key_may_take_is_named(text):
    spoken = set(re.findall(r"`([a-z_]+)`", text + LISTS)) | {"year"}
    rows = [row for row in ROWS.values() if isinstance(row, dict)]
    choices = {word for row in rows for key in row.values() for word in key.one_of or ()}
    assert (choices | set(keys.CONTENTS)) - spoken == set()


def test_the_closed_lists_are_whole():
    spoken = set(re.findall(r"`([a-z_]+)`", LISTS))
    assert spoken == {*FACTS, *CONDITIONS, *PURPOSES, *(kind.value for kind in Kind)}


def test_the_two_languages_explain_the_same_in_the_same_order():
    assert list(sections(VIETNAMESE)) == list(sections(ENGLISH)) == list(ROWS)

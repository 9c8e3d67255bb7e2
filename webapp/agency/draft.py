"""What was typed into a move's form: kept while the form is mended, turned into `Given` when it is right."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import FileStorage, MultiDict

from webapp.core.regulation import FACTS, Move
from webapp.core.text import clean_line
from webapp.operations import documents, photos
from webapp.operations.documents import BadDocument, Titled
from webapp.operations.house import House
from webapp.operations.moves import Given
from webapp.operations.work import Work
from webapp.store.media import MediaDown
from webapp.words import sentence

_TOKEN = re.compile(r"[0-9a-f]{32}")
_ID = re.compile(r"[0-9]{1,9}")


def new_token() -> str:
    """Names a form; 32 hexadecimal digits, for photos are kept under it too."""
    return secrets.token_hex(16)


@dataclass
class Draft:
    """`once` names the form, `n` how many events its reader had seen; `errors` are sentences by field.

    `stopped`: the media store refused a file, and the form must come again.
    """

    once: str = field(default_factory=new_token)
    n: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    chosen: frozenset[int] = frozenset()
    given: tuple[str, ...] = ()
    seen: frozenset[str] = frozenset()
    kept: list[photos.Kept] = field(default_factory=list)  # from an earlier try, already in the draft
    new: list[photos.Kept] = field(default_factory=list)
    kept_papers: list[Titled] = field(default_factory=list)
    new_papers: list[Titled] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    stopped: bool = False

    def stop(self, name: str) -> None:
        """Say at this field that its file could not be stored."""
        self.stopped = True
        self.errors[name] = sentence("desk_photo", "not_stored")

    def as_given(self, move: Move, zone: ZoneInfo) -> Given:
        """For the operation. Call only without errors."""
        named = {name: self.values.get(name, "") for name in (*move.requires, *move.optional)}
        return Given(
            texts={name: value for name, value in named.items() if FACTS[name] == "text"},
            tokens={name: value for name, value in named.items() if FACTS[name] == "token"},
            photos=(*self.kept, *self.new),
            documents=(*self.kept_papers, *self.new_papers),
            chosen_photos=sorted(self.chosen),
            due_on=self.end_of("due_on", zone),
            promised_on=self.end_of("promised_on", zone),
            checked=bool(named.get("checked")),
            fields=self.given,
        )

    def end_of(self, name: str, zone: ZoneInfo) -> datetime | None:
        """The end of the chosen day, as an instant: the next local midnight."""
        day = _day(self.values.get(name, ""))
        return datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC) if day else None


def read(house: House, work: Work, form: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> Draft:
    """The draft as posted. Photos that pass are sealed on disk; those that do not become an error."""
    once = form.get("once", "")
    n = form.get("n", "")
    draft = Draft(
        once=once if _TOKEN.fullmatch(once) else new_token(),
        n=int(n) if n.isascii() and n.isdecimal() and len(n) < 10 else None,
        values={name: form[name].replace("\r\n", "\n") for name in FACTS if name in form},
        chosen=frozenset(int(id) for id in form.getlist("public_photos") if _ID.fullmatch(id)),
        given=tuple(form.getlist("given")),
        seen=frozenset(form.get("seen", "").split()),
    )
    wanted = {uid for uid in form.getlist("kept") if _TOKEN.fullmatch(uid)} - set(form.getlist("drop"))
    if wanted:
        draft.kept = photos.uploads_of(work, draft.once, wanted)
        papers = documents.uploads_of(work, draft.once, wanted)
        draft.kept_papers = [Titled(one, _title(form.get(f"title-{one.uid}", ""))) for one in papers]
    for name, take in (("after_photo", _take), ("document", _take_papers)):
        try:
            take(house, draft, files.getlist(name))
        except MediaDown:
            draft.stop(name)
    for name in (name for name, kind in FACTS.items() if kind == "instant"):
        if draft.values.get(name) and not _day(draft.values[name]):
            draft.errors[name] = sentence("desk_move", "bad_date")
    return draft


def _take(house: House, draft: Draft, files: list[FileStorage]) -> None:
    limit, room = house.config.max_upload_bytes, photos.MAX_FILES - len(draft.kept)
    too_many = 0
    for data, _ in _unlike(files, limit, {photo.sha256 for photo in draft.kept}):
        if len(draft.new) >= room:
            too_many += 1
            continue
        try:
            draft.new.append(photos.keep(house.vault, house.media, data, limit))
        except photos.BadPhoto as bad:
            draft.errors["after_photo"] = sentence("desk_photo", bad.code)
    if too_many:
        draft.errors["after_photo"] = sentence("desk_move", "too_many_photos", count=too_many)


def _take_papers(house: House, draft: Draft, files: list[FileStorage]) -> None:
    room = documents.MAX_FILES - len(draft.kept_papers)
    problems, too_many = [], 0
    for data, name in _unlike(files, documents.MAX_BYTES, {paper.kept.sha256 for paper in draft.kept_papers}):
        if len(draft.new_papers) >= room:
            too_many += 1
            continue
        title = _title(name)
        try:
            kept = documents.keep(house.vault, house.media, data)
        except BadDocument as bad:
            size = documents.MAX_BYTES // 2**20
            problems.append(sentence("paper_refused", bad.code, name=title, size=size))
        else:
            draft.new_papers.append(Titled(kept, title))
    if too_many:
        problems.insert(0, sentence("paper", "too_many", count=too_many))
    if problems:
        draft.errors["document"] = " ".join(problems)


def _unlike(files: list[FileStorage], limit: int, known: set[str]) -> Iterator[tuple[bytes, str]]:
    """The bytes and the name of each file; what is `known` or was chosen twice comes once."""
    for file in files:
        if not file.filename:
            continue
        data = file.read(limit + 1)  # one byte over the limit is enough to know
        digest = hashlib.sha256(data).hexdigest()
        if digest not in known:
            known.add(digest)
            yield data, file.filename


def _title(name: str) -> str:
    """What a document is called: its file's name without folder and suffix."""
    last = clean_line(name).replace("\\", "/").rpartition("/")[2]
    bare = re.sub(r"(?i)\.(pdf|docx)$", "", last).strip()
    return bare[: documents.MAX_TITLE].strip() or sentence("paper", "untitled")


def keep_files(house: House, now: datetime, draft: Draft) -> None:
    """Remember new photos and documents under the form's token, so that they need not be sent again."""
    if draft.new or draft.new_papers:
        house.write(now, lambda work: _keep(work, draft))
        draft.kept, draft.new = [*draft.kept, *draft.new], []
        draft.kept_papers, draft.new_papers = [*draft.kept_papers, *draft.new_papers], []


def _keep(work: Work, draft: Draft) -> None:
    for photo in draft.new:
        photos.keep_upload(work, draft.once, photo)
    for paper in draft.new_papers:
        documents.keep_upload(work, draft.once, paper.kept)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 < day.year < 2200 else None


def known_fields(draft: Draft, allowed: Any) -> None:
    """Drop reporter's fields that the regulation does not know."""
    draft.given = tuple(name for name in draft.given if name in allowed)

"""Playing one story of the demo through the real operations, each step at its own past instant."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from webapp.core.regulation import FACTS, Move, Regulation
from webapp.core.state import Clock
from webapp.core.workflow import Action, Actor
from webapp.demo.album import Album
from webapp.demo.cast import Staff, actor_for, citizens
from webapp.demo.when import Hours
from webapp.operations import clock, documents, intake, moves, photos
from webapp.operations.documents import Titled
from webapp.operations.house import House
from webapp.operations.intake import Place, Report
from webapp.operations.moves import Given
from webapp.regulations.directory import COMMUNE
from webapp.store import models, record

_BY_ITSELF = ("web", "app")
_PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>"
    b"endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
_TICK = timedelta(seconds=40)  # how long after a due instant the worker has recorded it
_TEXTS = frozenset(name for name, kind in FACTS.items() if kind == "text")
_TOKENS = tuple(name for name, kind in FACTS.items() if kind == "token")


class StoryError(ValueError):
    """A story cannot be played; the message names it and the step."""


@dataclass
class Player:
    """Plays stories into one house. All randomness comes from `chance`."""

    house: House
    staff: Staff
    album: Album
    now: datetime
    chance: random.Random
    _numbers: dict[str, str] = field(default_factory=dict)  # of the cases of stories that have an id

    def play(self, story: dict[str, Any]) -> int:
        """Tell one story in one transaction; returns its case id."""
        told = [*story.get("photos", ()), *(p for step in story["steps"] for p in step.get("photos", ()))]
        kept = {name: self.album.kept(name) for name in told}
        papers = {step["document"]: self._paper() for step in story["steps"] if "document" in step}
        with self.house.store.writer() as session:
            return _Telling(self, session, story, kept, papers).tell()

    def _paper(self) -> documents.KeptDocument:
        return documents.keep(self.house.vault, self.house.media, _PAPER)

    def remember(self, story: dict[str, Any], number: str) -> None:
        """So that a later story can name this one's case."""
        if "id" in story:
            self._numbers[story["id"]] = number

    def number(self, story_id: str) -> str:
        return self._numbers[story_id]

    def sent_at(self, story: dict[str, Any], hours: Hours) -> datetime:
        return hours.moment(story["sent"], self.now)


@dataclass
class _Telling:
    player: Player
    session: Session
    story: dict[str, Any]
    kept: dict[str, photos.Kept]
    papers: dict[str, documents.KeptDocument]
    case_id: int = 0
    at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.regulation = governing(self.player.house, self.story)
        self.hours = Hours(self.regulation.counting)
        self.at = self._seconds(self.hours.moment(self.story["sent"], self.player.now))

    def tell(self) -> int:
        work = self._work(self.at)
        receipt = intake.submit(work, self._report(), self._entered_by())
        self.case_id = receipt.case_id
        self.player.remember(self.story, receipt.number)
        self._redraw()
        for step in self.story["steps"]:
            self._step(step)
        self._record_breaches(self.player.now)
        return self.case_id

    def _work(self, at: datetime) -> Any:
        if at > self.player.now:
            raise StoryError(f"{self.story['text'][:40]!r} runs past the present: {at} > {self.player.now}")
        return self.player.house.work(self.session, at)

    def _seconds(self, at: datetime) -> datetime:
        """People do not act on the full minute. Never into the future."""
        moved = at + timedelta(
            seconds=self.player.chance.randrange(58), microseconds=self.player.chance.randrange(10**6)
        )
        return moved if moved < self.player.now else at

    def _report(self) -> Report:
        story = self.story
        # The 128 bits a phone would have made; the demo's come from its seed.
        secret = f"{self.player.chance.getrandbits(128):032x}"
        return Report(
            secret=secret,
            text=story["text"].strip(),
            place=Place(story["place"], story.get("lat"), story.get("lon"), story.get("accuracy")),
            occurred_on=self.hours.local(self.at).date().isoformat(),
            person=citizens()[story["who"]],
            secrecy=story.get("secrecy", "hide_name"),
            place_shown=story.get("place_shown", intake.COMMUNE),
            undertaking=True,
            channel=story.get("channel", "web"),
            matter=story.get("matter"),
            kind=story.get("kind"),
            category=story.get("category"),
            area=story["area"],
            photos=[self.kept[name] for name in story.get("photos", ())],
        )

    def _entered_by(self) -> Actor | None:
        """What did not come by the app was entered by the centre."""
        if self.story.get("channel", "web") in _BY_ITSELF:
            return None
        return self.player.staff.of("intake_officer", None)

    def _step(self, step: dict[str, Any]) -> None:
        if "at" in step:
            at = self.hours.moment(step["at"], self.player.now, self.at)
        else:
            at = self.hours.later(self.at, step["after"])
        at = self._seconds(max(at, self.at))
        self._record_breaches(at)
        self.at = at
        file = self._file()
        move = self.regulation.move(step["move"])
        target = 0 if move.on == "case" else step.get("target", self._last(file, move))
        agency = self._holder(file, str(move.on), target)
        actor = actor_for(self.regulation, self.player.staff, move.id, step.get("by"), agency)
        once = f"{self.player.chance.getrandbits(64):016x}"
        moves.make(
            self._work(at),
            self.case_id,
            Action(move.id, target, actor),
            self._given(step, file, target),
            once,
        )
        self._redraw()

    def _holder(self, file: record.CaseFile, on: str, target: int) -> str | None:
        """The agency whose people make a move on this target."""
        if on == "assignment":
            return file.state.assignments[target - 1].agency
        return next(iter(file.state.holders), None)

    def _last(self, file: record.CaseFile, move: Move) -> int:
        """The last assignment that the move fits; stories have one reporter each."""
        fits = [a.no for a in file.state.assignments if a.state in move.from_]
        return 1 if move.on == "submission" else fits[-1] if fits else len(file.state.assignments)

    def _given(self, step: dict[str, Any], file: record.CaseFile, target: int) -> Given:
        texts = {name: step[name] for name in _TEXTS & step.keys()}
        tokens = {name: step[name] for name in _TOKENS if name in step}
        if "same_as" in tokens:
            tokens["same_as"] = self.player.number(tokens["same_as"])
        move = self.regulation.move(step["move"])
        for name in {"category", "area"} & set(move.requires):
            tokens.setdefault(name, self.story[name])
        if "public_text" in move.requires:
            texts.setdefault("public_text", self.story["text"].strip())
            texts.setdefault("public_answer", self._answer(file, target))
            if "place_shown" in self.story:
                tokens.setdefault("place_shown", self.story["place_shown"])
                texts.setdefault("public_where", self.story["place"])
        return Given(
            texts=texts,
            tokens=tokens,
            photos=[self.kept[name] for name in step.get("photos", ())],
            documents=[Titled(self.papers[title], title) for title in [step.get("document")] if title],
            chosen_photos=self._chosen(target) if step.get("chosen") else (),
            due_on=self._due(step, file, target),
            promised_on=self._promised(step),
            checked=True,
        )

    def _answer(self, file: record.CaseFile, target: int) -> str:
        """The result of this assignment, approved where that is asked, as a clerk copies it."""
        assignment = file.state.assignments[target - 1]
        row = self.session.get(models.Text, assignment.approved or assignment.result)
        if row is None or row.body is None:
            raise StoryError(f"{self.story['text'][:40]!r} publishes without a clear result")
        return row.body

    def _chosen(self, target: int) -> list[int]:
        rows = photos.of_case(self._work(self.at), self.case_id)
        return [photo.id for photo in rows if photo.assignment in (None, target)]

    def _due(self, step: dict[str, Any], file: record.CaseFile, target: int) -> datetime | None:
        """ "+4d": the end of the fourth working day after the due date that runs."""
        if "due" not in step:
            return None
        extends = self.regulation.move(step["move"]).extends
        running = [c for c in file.state.clocks if c.clock in extends and c.target == target and c.running]
        days = int(re.fullmatch(r"\+(\d+)d", step["due"])[1])  # type: ignore[index]
        minutes = days * self.hours.counting.sessions.minutes
        last = self.hours.local(self.hours.later(running[-1].due_at, minutes)).date()
        return self.hours.utc(datetime.combine(last + timedelta(days=1), datetime.min.time()))

    def _promised(self, step: dict[str, Any]) -> datetime | None:
        """ "+12d": the end of that working day from now."""
        if "promised" not in step:
            return None
        days = int(re.fullmatch(r"\+(\d+)d", step["promised"])[1])  # type: ignore[index]
        day = self.hours.local(self.hours.later(self.at, days * self.hours.counting.sessions.minutes)).date()
        return self.hours.utc(datetime.combine(day + timedelta(days=1), datetime.min.time()))

    def _file(self) -> record.CaseFile:
        file = record.load(self.session, self.player.house.law, self.case_id)
        assert file is not None
        return file

    def _record_breaches(self, until: datetime) -> None:
        """What the worker would have written between the steps, seconds after each due instant."""
        while fell := [c for c in self._file().state.clocks if self._fell(c, until)]:
            first = min(fell, key=lambda c: c.due_at)  # what follows from it may fall due in its turn
            self.at = max(first.due_at + _TICK, self.at)
            if not clock.record_breach(self._work(self.at), self.case_id, first.no):
                raise StoryError(f"{self.story['text'][:40]!r}: no record that {first.clock} is late")

    def _fell(self, clock: Clock, until: datetime) -> bool:
        waits = clock.running and not clock.breached_at and not clock.paused_at
        return waits and max(clock.due_at + _TICK, self.at) <= until

    def _redraw(self) -> None:
        """The worker's other work: copies of photos without their metadata."""
        work = self._work(self.at)
        for photo in photos.of_case(work, self.case_id):
            if photo.status == "pending":
                photos.store_derivatives(work, photo.id, self.player.album.copies(photo.sha256))
        self.session.flush()


def governing(house: House, story: dict[str, Any]) -> Regulation:
    """The regulation this story runs under: the one valid for new cases, whatever its day."""
    law = house.law
    if law.directory.area(story["area"]) is None:
        raise StoryError(f"no area {story['area']!r} ({COMMUNE}{story['area']})")
    today = house.clock().astimezone(law.first.zone).date()
    found = law.governing(story["area"], story.get("channel", "web"), today, story.get("matter"))
    if found is None:
        raise StoryError(f"nothing governs {story['text'][:40]!r} there, by that channel")
    return found

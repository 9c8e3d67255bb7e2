"""One report in the hands of the person who sent it: everything the page about it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from webapp.core.events import Event, Kind, Scope
from webapp.core.regulation import Regulation
from webapp.core.state import Case, Submission
from webapp.core.workflow import Actor, Offer, offers
from webapp.operations import citizens, texts
from webapp.operations.work import Gone, Work
from webapp.regulations.directory import Directory
from webapp.store import models, record
from webapp.store.record import CaseFile

MINE = "/theo-doi/cua-toi"


@dataclass(frozen=True)
class Scene:
    """The report, its case, what its sender may do, and the texts the sender may read."""

    work: Work
    row: models.Submission
    file: CaseFile
    own: Submission
    offers: Mapping[Kind, Offer]
    texts: Mapping[int, str]

    @property
    def regulation(self) -> Regulation:
        return self.file.regulation

    @property
    def state(self) -> Case:
        return self.file.state

    @property
    def directory(self) -> Directory:
        return self.work.law.directory

    @property
    def now(self) -> datetime:
        return self.work.now

    @property
    def events(self) -> list[Event]:
        """The events that concern this submission; those of another person's submission do not."""
        return [e for e in self.file.events if e.on is not Scope.submission or e.target == self.own.no]

    def allowed(self, kind: Kind) -> Offer | None:
        """The move of that kind, when the regulation lets this person make it now."""
        offer = self.offers.get(kind)
        return offer if offer and offer.refused is None else None

    def text(self, event: Event, fact: str) -> str:
        """What was written in that fact of the event, or nothing when there is none or it was purged."""
        return self.texts.get(event.data.get("facts", {}).get(fact, 0), "")

    def last(self, *kinds: Kind) -> Event | None:
        return next((event for event in reversed(self.events) if event.kind in kinds), None)


def actor(no: int) -> Actor:
    return Actor(frozenset({"reporter"}), submission=no)


def open_scene(work: Work, token: str) -> Scene:
    """The report this session opens. Raises Gone when it opens none."""
    return scene_of(work, citizens.submission_of(work, token))


def scene_of(work: Work, row: models.Submission) -> Scene:
    """What one person sent, as that person may see it."""
    file = record.load(work.session, work.law, row.case_id)
    own = file.state.submission(row.no) if file else None
    if file is None or own is None:
        raise Gone(row.case_id)
    # Of two moves of one kind the one that may be made now is the one that is meant.
    known = sorted(offers(file.regulation, file.state, actor(row.no)), key=lambda offer: not offer.refused)
    offered = {offer.move.event: offer for offer in known}
    return Scene(work, row, file, own, offered, _readable(work, row, file))


# The facts of an event that are written to this person or by them; everything else stays at the desk.
SAID: Mapping[Kind, tuple[str, ...]] = {
    Kind.refused: ("reason", "guidance"),
    Kind.supplement_requested: ("reason",),
    Kind.supplemented: ("supplement",),
    Kind.extended: ("reason",),
    Kind.rated: ("comment",),
    Kind.clarification_asked: ("question",),
    Kind.clarification_answered: ("answer",),
}
# Results, before it is known which of them was approved; `answers` decides what is shown.
_RESULTS = ("result", "edited", "public_answer")


def _readable(work: Work, row: models.Submission, file: CaseFile) -> dict[int, str]:
    ids = [row.text_id]
    for event in file.events:
        mine = event.on is not Scope.submission or event.target == row.no
        names = SAID.get(event.kind, _RESULTS) if mine else ()
        ids += [event.data.get("facts", {}).get(name, 0) for name in names]
    return texts.read(work, file.row, ids)

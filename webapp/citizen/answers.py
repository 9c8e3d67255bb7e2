"""What the agencies have answered: the text that the leader approved, published or not.

A result that is not yet decided upon never gets here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from webapp.citizen.scene import MINE, Scene
from webapp.core.events import Event, Kind, Scope
from webapp.doors import papers, present
from webapp.doors.present import Vm
from webapp.operations.personal import ACTS
from webapp.regulations.installation import PERSONAL_DATA
from webapp.words import sentence


@dataclass(frozen=True)
class Answer:
    """One agency's answer: its text's id (0: not for this person), its photos and documents, and the act that
    gave it."""

    no: int
    agency: str
    text: int
    photos: tuple[int, ...]
    documents: tuple[int, ...]
    given: Event
    withdrawn: Event | None = None


@dataclass(frozen=True)
class _Work:
    """An assignment on its way: the result, and what of it was approved."""

    result: int = 0
    approved: int = 0
    photos: tuple[int, ...] = ()
    documents: tuple[int, ...] = ()


def answers(scene: Scene) -> list[Answer]:
    """The latest answer of each agency, in the order in which the agencies were given the case."""
    found: dict[int, Answer] = {}
    hands: dict[int, _Work] = {}
    opened = 0
    for event in scene.events:
        opened += bool(event.data.get("opened"))
        no = opened if event.data.get("opened") else event.target
        if event.on is Scope.assignment or event.data.get("opened"):
            hands[no] = _on_the_way(hands.get(no, _Work()), event)
            _answered(scene, found, hands[no], event, no)
    return [found[no] for no in sorted(found)]


def _on_the_way(hand: _Work, event: Event) -> _Work:
    facts = event.data.get("facts", {})
    documents = tuple(facts.get("document", ()))
    if event.kind is Kind.result_entered or (event.data.get("opened") and facts.get("result")):
        return _Work(facts.get("result", 0), 0, tuple(facts.get("after_photo", ())), documents)
    if event.kind in (Kind.approved, Kind.edited_and_approved):
        return replace(
            hand, approved=facts.get("edited", hand.result), documents=(*hand.documents, *documents)
        )
    return hand


def _answered(scene: Scene, found: dict[int, Answer], hand: _Work, event: Event, no: int) -> None:
    if event.kind is Kind.withdrawn and no in found:
        gone = replace(found[no], withdrawn=event)
        found[no] = _without_words(gone) if _elsewhere(scene, event) or _joined(scene) else gone
    text = hand.approved or hand.result
    if _gives(scene, event) and text and not _elsewhere(scene, event):
        agency = scene.state.assignments[no - 1].agency
        answer = Answer(no, agency, text, hand.photos, hand.documents, event)
        found[no] = _for_who_joined(answer) if _joined(scene) else answer


def _joined(scene: Scene) -> bool:
    """Whether this person met what somebody else had sent: one press and any name are enough for that."""
    return scene.own.no > 1


def _for_who_joined(answer: Answer) -> Answer:
    """The answer was written to whoever sent it first and may name them: others read what was published."""
    facts = answer.given.data.get("facts", {})
    if answer.given.kind is not Kind.published:
        return _without_words(answer)
    shown = tuple(id for id in answer.photos if id in facts.get("public_photos", ()))
    return replace(answer, text=facts.get("public_answer", 0), photos=shown, documents=())


def _without_words(answer: Answer) -> Answer:
    """That there was an answer, and nothing of what it said."""
    return replace(answer, text=0, photos=(), documents=())


def _gives(scene: Scene, event: Event) -> bool:
    """Whether the regulation holds the reporter answered by this: not every text has a leader's approval."""
    if event.kind in (Kind.published, Kind.withheld):
        return True
    move = event.data.get("move")
    return bool(event.kind in _TELLING and move and scene.regulation.move(move).answers)


_TELLING = frozenset({Kind.result_entered, Kind.answered}) | ACTS


def _elsewhere(scene: Scene, event: Event) -> bool:
    """Whether the ground says that such a thing is not answered through this system."""
    ground = scene.regulation.ground(event.data.get("ground", ""))
    return ground is not None and ground.answer == "elsewhere"


def view(scene: Scene, answer: Answer) -> Vm:
    """The answer in the form of the regulation's letter."""
    agency = present.agency_name(scene.directory, answer.agency)
    words = "data_answer" if scene.regulation.kind == PERSONAL_DATA else "public_answer"
    # By keyword, for one of the names is also a state's, and no page may look as if it knew states.
    return dict(  # noqa: C408
        agency=agency,
        greeting=sentence(words, "greeting"),
        opening=sentence(words, "opening", agency=agency),
        body=[part for part in scene.texts.get(answer.text, "").split("\n\n") if part.strip()],
        closing=sentence(words, "closing"),
        signoff=sentence(words, "signoff"),
        files=papers.files(scene.work, scene.file.row, answer.documents, lambda id: f"{MINE}/van-ban/{id}"),
        published=_how_given(scene, answer),
    )


def _how_given(scene: Scene, answer: Answer) -> str:
    event = answer.withdrawn or answer.given
    codes = {Kind.published: "public", Kind.withheld: "private", Kind.withdrawn: "withdrawn"}
    code = codes.get(event.kind, "told")
    if not answer.text:
        code = "withdrawn_whole" if answer.withdrawn else f"joined_{code}"
    ground = scene.regulation.ground(event.data.get("ground", ""))
    label = ground.label[:1].lower() + ground.label[1:] if ground else ""
    day = day_of(scene, event.at)
    return sentence("citizen_answer", code, day=day, ground=label, cite=event.cite)


def day_of(scene: Scene, at: datetime) -> str:
    return present.day_text(present.local(scene.regulation, at).date())

"""Making a move: the one way in which anything happens to a case that already exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import false, or_, select

from webapp.core.events import Event, Kind, Scope
from webapp.core.regulation import FACTS
from webapp.core.workflow import Action, Actor, Refused, decide
from webapp.operations import (
    documents,
    notices,
    people,
    personal,
    photos,
    public_place,
    publication,
    recount,
    texts,
)
from webapp.operations.intake import COMMUNE, EXACT
from webapp.operations.work import Gone, Refusal, Work
from webapp.regulations.directory import Dated
from webapp.store import models, record
from webapp.store.record import CaseFile


@dataclass(frozen=True)
class Given:
    """What came with a move: texts and tokens by fact, new files, chosen photo ids, an instant."""

    texts: Mapping[str, str] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)
    photos: Sequence[photos.Kept] = ()
    documents: Sequence[documents.Titled] = ()
    chosen_photos: Sequence[int] = ()
    due_on: datetime | None = None
    promised_on: datetime | None = None
    checked: bool = False
    fields: Sequence[str] = ()  # of the reporter's, given with a supplement


def make(
    work: Work, case_id: int, action: Action, given: Given, once: str, seen: int | None = None
) -> CaseFile:
    """Do `action`, write its event and all that follows, and return the case as it is then.

    `once` is the form's token: the same token again returns the case without a second effect. `seen` is
    how many events the actor's page had shown: what was done to the same thing since then is not
    overrun unread. Raises Refusal (nothing is written), Gone when there is no such case.
    """
    file = record.load(work.session, work.law, case_id, lock=True)
    if file is None:
        raise Gone(case_id)
    if work.session.get(models.Once, once):
        return file
    file = recount.brought_up(work, file)
    work.session.add(models.Once(token=once, case_id=case_id, created_at=work.now))
    _unchanged(file, action, seen)
    facts = _facts(work, file, action, given)
    events = decide(file.regulation, file.state, action, facts, work.now)
    if isinstance(events, Refused):
        raise Refusal(events)
    after = follow(work, file, events)
    for event in events:
        if event.kind in _AFTERWARDS:
            _AFTERWARDS[event.kind](work, after, event)
    if after.state.category != file.state.category:
        public_place.keep_to_commune(work, after)
    return after


def follow(work: Work, file: CaseFile, events: Sequence[Event]) -> CaseFile:
    """Append events already decided, with their notices."""
    after = record.append(work.session, file, events, work.now)
    notices.queue(work, after, events)
    work.session.flush()
    return after


# What a kind of event does beyond the record. Keyed by the closed list of kinds, never by a regulation.
_AFTERWARDS: Mapping[Kind, Callable[[Work, CaseFile, Event], None]] = {
    Kind.published: publication.publish,
    Kind.withheld: publication.withdraw,
    Kind.withdrawn: publication.withdraw,
    **dict.fromkeys(personal.ACTS, personal.carry_out),
}


def _unchanged(file: CaseFile, action: Action, seen: int | None) -> None:
    move = file.regulation.move(action.move)
    for event in file.events[seen:] if seen is not None else ():
        if (event.on, event.target) == (move.on, action.target) and event.role != "system":
            raise Refusal(Refused("changed_meanwhile", {}, move.cite))


def _facts(work: Work, file: CaseFile, action: Action, given: Given) -> dict[str, Any]:
    move = file.regulation.move(action.move)
    wanted = {*move.requires, *move.optional}
    ground = file.regulation.ground(given.tokens.get("ground", ""))
    wanted |= set(ground.requires) if ground else set()
    facts: dict[str, Any] = {name: value for name, value in given.tokens.items() if name in wanted and value}
    facts |= {name: True for name in wanted if FACTS[name] == "flag" and given.checked}
    if given.due_on and "due_on" in wanted:
        facts["due_on"] = given.due_on
    if given.fields:
        facts["given"] = sorted(given.fields)
    if given.promised_on and "promised_on" in wanted:
        facts["promised_on"] = given.promised_on
    if move.agency:
        facts["agency"] = work.law.directory.coordinator_under(file.regulation.id).id
    facts |= _media(work, file, action, given, wanted)
    sealed = any(s.secrecy == "confidential" for s in file.state.submissions)
    for name, body in given.texts.items():
        if name in wanted and body.strip():
            account = action.actor.account
            facts[name] = texts.add(work, file.row, name, body, sealed=sealed, account=account)
    _check_tokens(work, file, facts, move.cite)
    category = work.law.directory.category(file.state.category or "")
    if category and category.needs_evidence and move.evidence and not any(map(facts.get, move.evidence)):
        raise Refusal(Refused("missing_fact", {"fact": move.evidence[0]}, move.cite))
    if facts.get("place_shown") not in (None, EXACT, COMMUNE):
        raise Refusal(Refused("unknown_token", {"fact": "place_shown"}, move.cite))
    if "same_as" in facts:
        facts["same_as"] = _same_person(work, file, action, facts["same_as"], move.cite)
    return facts


def _same_person(work: Work, file: CaseFile, action: Action, number: str, cite: str) -> str:
    """Under which number the same person reported it before: by the keyed index, nobody is named."""
    person, other = models.Identity, models.Submission
    own = people.of_submission(work, file.row.id, max(1, action.target))
    index = work.session.get_one(models.Identity, own.identity_id)
    alike = [
        column == value
        for column, value in (
            (person.phone_index, index.phone_index),
            (person.email_index, index.email_index),
        )
        if value
    ]
    query = (
        select(models.Case.code)
        .join(other, other.case_id == models.Case.id)
        .join(person, person.id == other.identity_id)
        .where(
            models.Case.code == number.strip().upper(),
            or_(models.Case.id != file.row.id, other.no < action.target),
            or_(false(), *alike),
        )
    )
    found = work.session.scalar(query)
    if found is None:
        raise Refusal(Refused("not_same_person", {}, cite))
    return found


def _media(work: Work, file: CaseFile, action: Action, given: Given, wanted: set[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if given.photos and "after_photo" in wanted:
        facts["after_photo"] = photos.attach(work, file.row.id, given.photos, assignment=action.target)
    account = action.actor.account
    if given.documents and "document" in wanted and account is not None:
        part = action.target if file.regulation.move(action.move).on is Scope.assignment else 0
        attach = partial(documents.attach, work, file.row.id, part)
        facts["document"] = [attach(one.kept, one.title, account).id for one in given.documents]
    if "public_photos" in wanted and given.chosen_photos:
        ready = {photo.id for photo in photos.of_case(work, file.row.id) if photo.status == "ready"}
        facts["public_photos"] = [id for id in given.chosen_photos if id in ready]
    return facts


def _check_tokens(work: Work, file: CaseFile, facts: Mapping[str, Any], cite: str) -> None:
    """Only what the directory knows, and what is over only where the case carries it already."""
    directory, day = work.law.directory, work.today(file.regulation)
    known = {"agency": directory.agency, "category": directory.category, "area": directory.area}
    for name, find in known.items():
        if not facts.get(name):
            continue
        row: Dated | None = find(facts[name])
        if row is None:
            raise Refusal(Refused("unknown_token", {"fact": name}, cite))
        if not row.in_force(day) and facts[name] not in _carried(work, file, name):
            raise Refusal(Refused("not_in_force", {"fact": name}, cite))


def _carried(work: Work, file: CaseFile, name: str) -> set[str | None]:
    """What the case is about by its record, or by its reporters' own choice."""
    if name == "agency":
        return set()
    row = models.Submission
    claimed = row.claimed_area if name == "area" else row.claimed_category
    chosen = work.session.scalars(select(claimed).where(row.case_id == file.row.id))
    return {getattr(file.state, name), *chosen}


def system_actor() -> Actor:
    return Actor(frozenset({"system"}))

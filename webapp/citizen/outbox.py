"""The door for the queue on a phone: the text first, then its files piece by piece, and the receipt.

Five addresses without cookies (docs/adr/0006-nothing-lost.md). Files speak tus 1.0: core, creation, checksum,
termination. The phone says "received" only for what the receipt lists by its hash.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from flask import Response, request
from werkzeug.datastructures import MultiDict

from webapp.citizen import arriving, doubt, form, proof, wire
from webapp.citizen.door import blueprint, said
from webapp.citizen.form import Draft
from webapp.citizen.pictures import Pictures
from webapp.citizen.present import running_clocks
from webapp.citizen.wire import Stop, later, plainly, reply, wrong
from webapp.core.regulation import Regulation
from webapp.doors import house, limits, now, present
from webapp.operations import expected, intake, joining, recordings, uploads
from webapp.operations.expected import PHOTO, REFUSED, WAITING, Promise, Told
from webapp.operations.intake import Taken
from webapp.operations.uploads import Upload
from webapp.operations.work import Conflict, Refusal
from webapp.regulations.directory import Directory
from webapp.store import record, space
from webapp.store.columns import utc_text
from webapp.store.record import CaseFile
from webapp.words import sentence

FILES = "/hang-doi/tep"
NO_ROOM_S = 600
CHANNEL = "web"
LEAST_YEAR = 1999
MOST_NAMED = 50  # files in one list; of more than a report may have, each is refused by name
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_HASH = re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"[\x20-\x7e]{0,100}")


# The text


@blueprint.post("/hang-doi/phan-anh")
@plainly
def queued_report() -> Response:
    """Take the report in, as `/gui` does, and say which of its files are wanted."""
    body = wire.told()
    written, promises = _read(body)
    draft = _as_things_are_now(written)
    if space.is_short(house().config):
        return later(503, "disk", NO_ROOM_S)
    regulation, directory = _law(draft.commune)
    wanted = sum(one.kind == PHOTO and not one.wrong for one in promises)
    promised = Pictures((), (), {}, promised=wanted)
    errors = form.faults(draft, promised, regulation, directory, _today(), waited=True)
    # One that came before may have been taken when the form asked for less: its content alone decides.
    if errors and not _is_known(draft.secret):
        return reply(422, {"errors": errors})
    proven = proof.holds(draft.secret, body.get("proof"), now())
    if (wait := limits.take(limits.reports(proven=proven))) and not _is_known(draft.secret):
        return later(429, "many", wait)
    about = {"doubt": doubt.of(written, proven=proven), "written_at": _written_at(body)}
    try:
        taken = _submit_either(written, draft, promises, about)
    except Refusal as refusal:
        reason = present.refusal_text(regulation, refusal.refused)
        return reply(
            422, {"errors": {}, "error": said("citizen_wrong", "impossible", refusal.refused, reason)}
        )
    except Conflict:
        return wrong(409, "conflict")
    if promises or taken.receipt.again:
        return reply(200, _receipt(draft.secret))
    return reply(200, _told(taken.file, taken.receipt.no, taken.receipt.code, ()))


def _as_things_are_now(draft: Draft) -> Draft:
    """A report that waited on a phone is never refused for a category or a commune that is over or unknown:
    it goes to the coordinator to sort, and the commune's name stays in the words about the place."""
    directory, day = house().law.directory, _today()
    category, area = directory.category(draft.category), directory.area(draft.commune)
    if category is None or not category.in_force(day):
        draft = replace(draft, category="")
    if draft.commune and (area is None or not area.in_force(day)):
        heir = directory.area_on(draft.commune, day)
        words = ", ".join(filter(None, (draft.place, area.name if area else draft.commune)))
        draft = replace(draft, commune=heir.id if heir else "", place=words[: form.LIMITS["place"]])
    return draft


def _written_at(body: Mapping[str, Any]) -> datetime | None:
    """When the phone says it was written; nothing where it cannot be an instant. It decides nothing."""
    said = body.get("written_at")
    try:
        at = datetime.fromisoformat(said) if isinstance(said, str) and len(said) <= 40 else None
        return at.astimezone(UTC) if at and at.tzinfo and at.year > LEAST_YEAR else None
    except (ValueError, OverflowError):
        return None


def _submit_either(
    written: Draft, now_read: Draft, promises: Sequence[Promise], about: Mapping[str, Any]
) -> Taken:
    """A report that came before is compared as it was read then: as written, or as it is read now."""
    if written != now_read and _is_known(written.secret):
        with suppress(Conflict):
            return _submit(written, promises, about)
    return _submit(now_read, promises, about)


def _submit(draft: Draft, promises: Sequence[Promise], about: Mapping[str, Any]) -> Taken:
    report = replace(form.report(draft, Pictures((), (), {})), expected=promises, **about)
    made = intake.ready(house().vault, report, house().law, now())
    return house().write_together(now(), lambda work: joining.send(work, made))


def _is_known(secret: str) -> bool:
    with house().reading(now()) as work:
        return intake.is_known(work, secret)


def _law(commune: str) -> tuple[Regulation, Directory]:
    law = house().law
    return law.governing(commune, CHANNEL, _today()) or law.first, law.directory.on(_today())


def _today() -> date:
    return now().astimezone(house().law.first.zone).date()


def _read(body: Mapping[str, Any]) -> tuple[Draft, list[Promise]]:
    """What the phone wrote. Raises Stop (400) for what no phone of ours writes."""
    fields, secret, files = body.get("fields"), body.get("secret"), body.get("files", [])
    if body.get("v") != 1 or not isinstance(secret, str) or not isinstance(files, list):
        raise Stop(wrong(400, "unreadable"))
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise Stop(wrong(400, "unreadable"))
    draft = form.typed(MultiDict({**fields, "secret": secret}))
    promises = [_promise(one) for one in files]
    twice = len({one.uid for one in promises}) < len(promises)
    if not draft.known_secret or twice or len(promises) > MOST_NAMED:
        raise Stop(wrong(400, "unreadable"))
    return draft, promises


def _promise(one: Any) -> Promise:
    shapes = {"id": _ID, "sha256": _HASH, "type": _TYPE}
    known = isinstance(one, dict) and one.get("kind") in expected.KINDS
    one = {"type": "", **one} if known else {}
    if not known or not all(_is(one.get(name), shape) for name, shape in shapes.items()):
        raise Stop(wrong(400, "unreadable"))
    size = one.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size < 2**53:
        raise Stop(wrong(400, "unreadable"))
    about = (one["id"], one["kind"], size, one["sha256"], one["type"])
    return expected.promise(house().vault, *about, house().config.max_upload_bytes)


def _is(value: object, shape: re.Pattern[str]) -> bool:
    return isinstance(value, str) and shape.fullmatch(value) is not None


@blueprint.get("/hang-doi/thu-thach")
@plainly
def queued_task() -> Response:
    """The work that a phone does before it sends: more of it while more comes in from everywhere."""
    return reply(200, proof.task(wire.secret(), limits.WORK[limits.heat()], now()))


# The receipt


@blueprint.get("/hang-doi/bien-nhan")
@plainly
def queued_receipt() -> Response:
    return reply(200, _receipt(wire.secret()))


def _receipt(secret: str) -> dict[str, Any]:
    """The receipt of the report this secret made, as everything stands now. Raises Gone."""
    with house().reading(now()) as work:
        row = uploads.submission_of(work, secret)
        file = record.load(work.session, work.law, row.case_id)
        assert file is not None
        lines = expected.told(work, expected.of_submission(work, row.case_id, row.no))
        return _told(file, row.no, work.vault.code_for(secret), lines)


def _told(file: CaseFile, no: int, code: str, lines: Sequence[Told]) -> dict[str, Any]:
    """Number, code, terms, and of every announced file what has become of it."""
    clocks = running_clocks(file.regulation, file.state, no)
    due = clocks[0].due_at if clocks else None
    return {
        "number": file.row.code,
        "code": code,
        "received_at": utc_text(file.state.submissions[no - 1].submitted_at),
        "due": utc_text(due) if due else None,
        "due_text": _first_due(file.regulation, clocks[0].clock, due) if due else "",
        "complete": all(line.state != WAITING for line in lines),
        "files": [_line(line) for line in lines],
    }


def _first_due(regulation: Regulation, clock: str, due: datetime) -> str:
    step = regulation.clock(clock).label
    at = present.due_text(regulation, due, now())
    return sentence("citizen_sent", "first_due", due=at, step=step[:1].lower() + step[1:])


def _line(line: Told) -> dict[str, Any]:
    told = {"id": line.uid, "kind": line.kind, "size": line.size, "sha256": line.sha256, "state": line.state}
    if line.state == REFUSED:
        return {**told, "reason": arriving.why_refused(line)}
    return {**told, "offset": uploads.offset(house(), line)}


# The files, by tus 1.0


@blueprint.route(FILES, methods=["POST", "OPTIONS"], provide_automatic_options=False)
@plainly
def queued_files() -> Response:
    """Begin to send a file that was announced; or what this server can, for whoever asks."""
    if request.method == "OPTIONS":
        return _abilities()
    secret = wire.secret()
    wire.version()
    length, about = wire.number("Upload-Length"), wire.metadata()
    if length > _most():
        return _tus(wrong(413, "too_much"))
    upload = _found(secret, about.get("id", ""))
    if (length, about.get("sha256", upload.told.sha256)) != (upload.told.size, upload.told.sha256):
        return _tus(wrong(409, "other_file"))
    if upload.waits and not uploads.is_known(house(), upload):
        if space.is_short(house().config):
            return _tus(later(503, "disk", NO_ROOM_S))
        if wait := limits.take(limits.photos(1)):
            return _tus(later(429, "many", wait))
    fresh = uploads.begin(house(), now(), upload)
    return _tus(reply(201 if fresh else 200, None, Location=f"{FILES}/{upload.told.uid}"))


@blueprint.route(
    f"{FILES}/<id>", methods=["HEAD", "PATCH", "DELETE", "OPTIONS"], provide_automatic_options=False
)
@plainly
def queued_file(id: str) -> Response:
    """How far a file has come, the next piece of it, or that it will not come."""
    if request.method == "OPTIONS":
        return _abilities()
    upload = _found(wire.secret(), id)
    wire.version()
    if request.method == "HEAD":
        return _tus(_how_far(upload))
    if request.method == "DELETE":
        uploads.give_up(house(), now(), upload)
        return _tus(reply(204))
    return _tus(_next(upload))


def _how_far(upload: Upload) -> Response:
    told = upload.told
    about = {"id": told.uid, "sha256": told.sha256, "kind": told.kind, "type": told.type}
    offset = uploads.offset(house(), told)
    answer = reply(200, None, Upload_Offset=offset, Upload_Length=told.size)
    answer.headers["Upload-Metadata"] = wire.as_metadata(about)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _next(upload: Upload) -> Response:
    at, piece = wire.number("Upload-Offset"), wire.piece()
    if space.is_short(house().config):
        return later(503, "disk", NO_ROOM_S)
    if wait := limits.take(limits.megabytes(len(piece))):
        return later(429, "many", wait)
    return reply(204, None, Upload_Offset=uploads.take(house(), now(), upload, at, piece))


def _found(secret: str, id: str) -> Upload:
    with house().reading(now()) as work:
        return uploads.find(work, secret, id)


def _most() -> int:
    return max(house().config.max_upload_bytes, recordings.MAX_BYTES)


def _abilities() -> Response:
    answer = _tus(reply(204))
    answer.headers["Tus-Version"] = wire.TUS
    answer.headers["Tus-Extension"] = "creation,checksum,termination"
    answer.headers["Tus-Checksum-Algorithm"] = ",".join(wire.CHECKSUMS)
    answer.headers["Tus-Max-Size"] = str(_most())
    return answer


def _tus(answer: Response) -> Response:
    answer.headers["Tus-Resumable"] = wire.TUS
    return answer


# Of these no token is asked, for they read no cookie; `webapp.app` takes them out of the check by this list.
WITHOUT_COOKIE = (queued_report, queued_files, queued_file)

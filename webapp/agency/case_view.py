"""The view model of one case: what was said, where it stands by which article, and what may be done now."""

from __future__ import annotations

from flask import url_for

from webapp.agency import arriving, directing, doubts, identity, joined, offers, pictures, results, story
from webapp.agency.guard import Staff
from webapp.agency.sight import Sight
from webapp.core.events import Scope
from webapp.core.holding import holding
from webapp.core.regulation import Regulation
from webapp.core.state import Clock
from webapp.core.workflow import case_state
from webapp.doors import parts, present
from webapp.doors.present import Vm
from webapp.doors.spot import position_text
from webapp.operations import intake, personal
from webapp.operations.work import Work
from webapp.regulations.directory import Agency
from webapp.regulations.installation import PERSONAL_DATA
from webapp.store.record import CaseFile
from webapp.store.sealing import Unsealable
from webapp.words import catalogue, sentence


def page(work: Work, file: CaseFile, who: Staff) -> Vm:
    sight = Sight(work, file, who)
    list_title = sentence("desk", "todo")
    return {
        "title": sight.title,
        "number": file.row.code,
        "back_url": url_for("agency.queue"),
        "back": list_title,
        "chips": _chips(sight),
        "meta": _meta(sight),
        "warning": _warning(sight),
        "said_title": sentence("desk_case" if _is_report(sight) else "desk_data", "said_title"),
        "doubt": doubts.notice(sight),
        "text": sight.report or sentence("desk_case", "text_gone"),
        "pending": " ".join(filter(None, (arriving.pending(sight), pictures.missing(sight.photos)))),
        "films": arriving.films(sight),
        "photos": pictures.pictures(file.regulation, sight.photos, after=False),
        "after": pictures.pictures(file.regulation, sight.photos, after=True),
        "facts": _facts(sight),
        "about": _about(sight),
        "same_as": joined.named(sight),
        "others": joined.others(sight),
        "senders": identity.senders(sight),
        "results": results.results(sight),
        "segments": present.segments(file.regulation, _seen(sight), work.now),
        **_clocks(sight),
        **offers.offers(sight),
        "timeline": story.timeline(sight),
        "why": _why(sight),
    }


def _seen(sight: Sight) -> list[present.Seen]:
    return [present.seen(sight.regulation, clock, sight.work.now) for clock in sight.clocks]


def _chips(sight: Sight) -> list[Vm]:
    regulation, now = sight.regulation, sight.work.now
    running = [clock for clock in sight.clocks if clock.running and not clock.stands_still]
    first = min(running, key=lambda clock: clock.due_at, default=None)
    due = first and present.due_chip(regulation, first, now)
    secrecy = present.chip(sentence("desk_secrecy", sight.state.submissions[0].secrecy))
    return [*([due] if due else []), *_states(sight), secrecy]


def _states(sight: Sight) -> list[Vm]:
    """An agency's own state at that agency; each agency's where the whole is seen."""
    regulation, state = sight.regulation, sight.state
    if sight.own:
        return [present.state_chip(regulation, sight.own.state, desk=True)]
    by_agency = parts.chips(regulation, sight.work.law.directory, state.assignments, desk=True)
    return by_agency or [present.state_chip(regulation, case_state(regulation, state), desk=True)]


def _meta(sight: Sight) -> str:
    directory, state = sight.work.law.directory, sight.state
    sent = present.moment_text(sight.regulation, state.opened_at)
    channel = _channel(sight)
    parts = (
        present.category_name(directory, state.category or sight.submissions[0].claimed_category),
        present.area_name(directory, state.area or sight.submissions[0].claimed_area),
        sentence("desk", "meta_sent", day=sent),
        sentence("desk", "via", channel=channel[0].lower() + channel[1:]) if channel else "",
    )
    return " · ".join(part for part in parts if part)


def _channel(sight: Sight) -> str:
    wanted = sight.state.submissions[0].channel
    return next((choice.label for choice in sight.regulation.channels if choice.id == wanted), "")


def _warning(sight: Sight) -> str:
    said = directing.orders(sight)
    said += [text] if (text := _next_by_others(sight)) else []
    if obstacle := personal.obstacle(sight.work, sight.file):
        reason = present.refusal_text(sight.regulation, obstacle)
        said.append(sentence("desk_data", "obstacle", reason=reason, article=obstacle.cite))
    if sight.confidential and _is_report(sight):
        choice = next(c for c in sight.regulation.secrecies if c.id == "confidential")
        said.append(sentence("desk_case", "confidential", article=choice.cite))
    said += directing.notes(sight)
    said += directing.question(sight)
    return "\n".join(said)


def _next_by_others(sight: Sight) -> str:
    """Who does what a request about data asks for, where it is not whoever looks."""
    request = personal.request_of(sight.work, sight.file.row.id)
    act = personal.act_for(sight.regulation, request.kind) if request else None
    move = next((m for m in sight.regulation.moves if act and m.event is act), None)
    standing = {submission.state for submission in sight.state.submissions}
    if move is None or not sight.who.roles.isdisjoint(move.by):
        return ""
    roles = ", ".join(_small(sight.regulation.role(role).label) for role in move.by)
    waits = not standing.isdisjoint(move.from_)
    before = any(o.refused is None and o.move.to in move.from_ for o in offers.relevant(sight))
    if not waits and not before:
        return ""
    code = "next_known" if waits else "next"
    return sentence("desk_data", code, move=move.label, roles=roles, article=move.cite)


def _small(text: str) -> str:
    return text[0].lower() + text[1:]


# What was said


def _facts(sight: Sight) -> list[Vm]:
    place = _place(sight)
    facts = [
        ("kind", _kind(sight)),
        ("place", place.words),
        ("position", _position(place)),
        ("place_shown", _place_shown(sight)),
        ("happened", _happened(sight)),
        ("written", _written(sight)),
        *((name, _chosen(sight, name)) for name in ("category", "area") if _is_report(sight)),
        ("agencies", ", ".join(_agencies(sight))),
    ]
    at = _degrees(place)
    # A phone opens the map of its owner, by no third party; a desk has one that wants the numbers typed.
    more = {"position": {"url": at and f"geo:{at}", "degrees": at.replace(",", ", ")}}
    return [
        {"label": sentence("desk_case", code), "value": value, **more.get(code, {})}
        for code, value in facts
        if value
    ]


def _kind(sight: Sight) -> str:
    return next((kind.label for kind in sight.regulation.kinds if kind.id == sight.state.kind), "")


def _happened(sight: Sight) -> str:
    day = sight.submissions[0].occurred_on
    return present.day_text(day) if day else ""


def _is_report(sight: Sight) -> bool:
    """Whether it is about something in the province, and not about data of its own."""
    return sight.regulation.kind != PERSONAL_DATA


def _about(sight: Sight) -> Vm | None:
    """The report that a request about one's own data is about."""
    request = personal.request_of(sight.work, sight.file.row.id)
    if request is None:
        return None
    _, file = personal.about(sight.work, request)
    label = sentence("desk_data", "about")
    return {"label": label, "number": file.row.code, "url": url_for("agency.case", id=file.row.id)}


def _written(sight: Sight) -> str:
    """When the phone says it was written: evidence, which moves no clock."""
    at = sight.submissions[0].written_at
    return present.moment_text(sight.regulation, at) if at else ""


def _place(sight: Sight) -> intake.Place:
    try:
        return intake.open_place(sight.work, sight.file.row, sight.submissions[0])
    except Unsealable:
        return intake.Place()


def _place_shown(sight: Sight) -> str:
    """What everybody may read of it, where the reporter was asked."""
    return catalogue()["desk_place_shown"][sight.submissions[0].place_shown] if _is_report(sight) else ""


def _position(place: intake.Place) -> str:
    if place.lat is None or place.lon is None:
        return ""
    at = position_text(place.lat, place.lon, 5)
    if place.accuracy is None:
        return at
    return sentence("desk_case", "position_within", at=at, metres=round(place.accuracy))


def _degrees(place: intake.Place) -> str:
    """As programs write a position: WGS 84, latitude first."""
    return "" if place.lat is None or place.lon is None else f"{place.lat:.5f},{place.lon:.5f}"


def _chosen(sight: Sight, what: str) -> str:
    """The officer's choice, else what the citizen claimed, said as such."""
    name = {"category": present.category_name, "area": present.area_name}[what]
    directory = sight.work.law.directory
    chosen = name(directory, getattr(sight.state, what))
    if chosen:
        return chosen
    claimed = name(directory, getattr(sight.submissions[0], f"claimed_{what}"))
    return sentence("desk_case", "claimed", name=claimed) if claimed else sentence("desk_case", "unset")


def _agencies(sight: Sight) -> list[str]:
    held = dict.fromkeys(a.agency for a in holding(sight.regulation, sight.state))
    found = (sight.work.law.directory.agency(agency) for agency in held)
    return [_with_former(row) for row in found if row]


def _with_former(row: Agency) -> str:
    if row.former in ("", row.name):
        return row.name
    return sentence("desk_case", "agency_former", name=row.name, former=row.former)


# The clocks


def _clocks(sight: Sight) -> Vm:
    """Running clocks, the first to fall due at the top, and the past ones for whoever opens them."""
    running = sorted((c for c in sight.clocks if c.running), key=lambda c: (c.due_at, c.no))
    past = [c for c in sight.clocks if not c.running]
    return {"clocks": [_clock(sight, c) for c in running], "past_clocks": [_clock(sight, c) for c in past]}


def _clock(sight: Sight, clock: Clock) -> Vm:
    regulation, now = sight.regulation, sight.work.now
    seen = present.seen(regulation, clock, now)
    past = present.standing_chip(seen.standing)
    standing = _running_chip(regulation, clock, sight) if clock.running else past
    return {
        "label": _clock_label(sight, clock),
        "due": _clock_due(regulation, clock, sight),
        "standing": standing,
        "cite": present.clock_cite(regulation, seen),
    }


def _running_chip(regulation: Regulation, clock: Clock, sight: Sight) -> Vm:
    now = sight.work.now
    if clock.stands_still:
        return present.chip(sentence("standing", "paused"))
    if now > clock.due_at:
        return present.chip(present.overdue_text(regulation, clock.due_at, now), "late")
    soon = regulation.near(clock.clock, clock.due_at, now)
    return present.chip(sentence("standing", "soon" if soon else "running"), "soon" if soon else "brand")


def _clock_label(sight: Sight, clock: Clock) -> str:
    label = sight.regulation.clock(clock.clock).label
    if clock.on is Scope.assignment and len(sight.state.assignments) > 1:
        agency = sight.agency(sight.state.assignments[clock.target - 1].agency)
        return sentence("desk_case", "clock_at", clock=label, agency=agency)
    return label


def _clock_due(regulation: Regulation, clock: Clock, sight: Sight) -> str:
    due = present.due_text(regulation, clock.due_at, sight.work.now)
    if clock.met_at:
        return sentence("desk_case", "clock_met", at=present.moment_text(regulation, clock.met_at), due=due)
    if clock.ended_at:
        return sentence("desk_case", "clock_ended", due=due)
    if clock.stands_still:
        return sentence("due", "paused_why")
    return sentence("desk_case", "clock_provisional" if clock.provisional else "clock_due", due=due)


# Which regulation, and why


def _why(sight: Sight) -> Vm | None:
    law, regulation, state = sight.work.law, sight.regulation, sight.state
    on = present.local(regulation, state.opened_at).date()
    claimed = law.directory.area(sight.submissions[0].claimed_area or "")
    group = claimed.group if claimed else law.applies[0].area
    row = law.row_for(group, regulation.kind, state.submissions[0].channel, on)
    row = row if _is_report(sight) else law.personal_data
    if row is None:
        return None
    place = sentence("desk_case", "why_place", area=claimed.name) if claimed else ""
    steps = (
        place or sentence("desk_case", "why_no_place"),
        sentence("desk_case", "why_channel", channel=_channel(sight)),
        sentence("desk_case", "why_day", day=present.day_text(on)),
        sentence(
            "desk_case", "why_version", title=regulation.short_title, id=regulation.id, version=state.version
        ),
    )
    return {"text": row.why + ".", "steps": list(steps), "article": row.cite}

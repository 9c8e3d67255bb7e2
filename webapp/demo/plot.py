"""How cases go in a province over two years: the paths through QN20 and how often each is taken."""

from __future__ import annotations

import math
import zlib
from datetime import datetime, timedelta

from webapp.core.workflow import Actor
from webapp.demo.life import Life, NotYet

DAY = 600.0  # office minutes of a day
_REPORTER = Actor(frozenset({"reporter"}), submission=1)
_GROUNDS = ("not_a_scene", "complaint", "outside_province")
_RATINGS = ("satisfied",) * 11 + ("acceptable",) * 5 + ("dissatisfied",) * 3


def live(life: Life, opening: dict[str, object], agency: str, other: str) -> None:
    """Let the case happen, as far as it has come by now."""
    life.make("submit", 0, _REPORTER, opening)
    try:
        if _taken_in(life):
            _handled(life, agency, other)
    except NotYet:
        pass


def _chance(life: Life, share: float) -> bool:
    return life.town.chance.random() < share


def _pace(life: Life, allowed: float, agency: str) -> float:
    """Office minutes a step takes: mostly within its term; some agencies are late more often than others."""
    late = 0.03 + 0.12 * (zlib.crc32(agency.encode()) % 100) / 100
    draw: float = life.town.chance.random()
    if draw < late:
        return allowed * (1.04 + life.town.chance.expovariate(1.6))
    return allowed * (0.03 + 0.93 * math.pow(life.town.chance.random(), 1.6))


def _clerk(life: Life) -> Actor:
    return life.town.actors["intake_officer", life.town.coordinator]


def _at(life: Life, role: str, agency: str) -> Actor:
    return life.town.actors[role, agency]


def _say(life: Life, kind: str, words: str, actor: Actor | None) -> int:
    return life.text(kind, life.town.words.staff(words), actor.account if actor else None)


def _evening(life: Life, days: int) -> datetime:
    """When citizens write: some hours of an evening, `days` later."""
    local = life.town.hours.local(life.at) + timedelta(days=days)
    hour = 18 + int(life.town.chance.random() * 5)
    return life.town.hours.utc(local.replace(hour=hour, minute=int(life.town.chance.random() * 60), second=0))


def _taken_in(life: Life) -> bool:
    """Reception: asked for more, refused, or received."""
    centre = life.town.coordinator
    life.wait(_pace(life, 110, centre))
    clerk = _clerk(life)
    if _chance(life, 0.05):
        life.make("request_supplement", 1, clerk, {"reason": _say(life, "reason", "reason", clerk)})
        if _chance(life, 0.25):
            life.wait(5 * DAY)
            return _refused(life, "incomplete")
        life.until(_evening(life, int(life.town.chance.random() * 3)))
        life.make("supplement", 1, _REPORTER, {"supplement": _say(life, "supplement", "supplement", None)})
        life.wait(_pace(life, 110, centre))
    if _chance(life, 0.06):
        return _refused(life, life.town.words.pick(_GROUNDS))
    life.make("receive", 1, clerk, {"category": life.category, "area": life.area})
    return True


def _refused(life: Life, ground: str) -> bool:
    clerk = _clerk(life)
    facts = {
        "ground": ground,
        "reason": _say(life, "reason", "refuse", clerk),
        "guidance": _say(life, "guidance", "guidance", clerk),
    }
    life.make("refuse", 1, clerk, facts)
    return False


def _handled(life: Life, agency: str, other: str) -> None:
    target = 1
    _distribute(life, agency)
    if _chance(life, 0.07):
        life.wait(_pace(life, DAY, agency))
        handler = _at(life, "handler", agency)
        life.make("return", 1, handler, {"reason": _say(life, "reason", "return", handler)})
        agency, target = other, 2
        _distribute(life, agency)
    _worked_on(life, agency, target, again=False)
    _answered(life, agency, target)


def _distribute(life: Life, agency: str) -> None:
    life.wait(_pace(life, 45, life.town.coordinator))
    clerk = _clerk(life)
    facts: dict[str, object] = {"agency": agency}
    if _chance(life, 0.1):
        facts["note"] = _say(life, "note", "note", clerk)
    life.make("distribute", 0, clerk, facts)


def _worked_on(life: Life, agency: str, target: int, *, again: bool) -> None:
    """From the agency's inbox to an approved result, and out to the citizen."""
    handler, leader = _at(life, "handler", agency), _at(life, "leader", agency)
    _perhaps_stuck(life)
    life.wait(_pace(life, DAY, agency))
    life.make("accept", target, handler, {})
    if _chance(life, 0.06):
        _directed(life, target, handler, leader)
    if _chance(life, 0.04):
        _extended(life, target, leader)
    _perhaps_stuck(life)
    if _chance(life, 0.03):
        life.wait(2 * DAY)
        life.make("remind", target, _clerk(life), {"note": _say(life, "note", "note", _clerk(life))})
    life.wait(_pace(life, 6 * DAY, agency))
    _result(life, target, handler)
    if not again and _chance(life, 0.05):
        life.wait(_pace(life, DAY, agency))
        life.make("send_back", target, leader, {"reason": _say(life, "reason", "send_back", leader)})
        life.wait(_pace(life, DAY, agency))
        _result(life, target, handler)
    life.wait(_pace(life, DAY, agency))
    _approved(life, target, leader)
    life.wait(_pace(life, 220, agency))
    _told(life, target, handler)


def _perhaps_stuck(life: Life) -> None:
    """Some cases lie where they are and get later every day."""
    if _chance(life, 0.0015):
        life.stop()


def _directed(life: Life, target: int, handler: Actor, leader: Actor) -> None:
    life.wait(60)
    life.make("ask_direction", target, handler, {"note": _say(life, "note", "note", handler)})
    life.wait(90)
    life.make("direct", target, leader, {"direction": _say(life, "direction", "direction", leader)})


def _extended(life: Life, target: int, leader: Actor) -> None:
    life.wait(DAY)
    clocks = [c for c in life.case.clocks if c.clock == "handling" and c.target == target]
    due = next(clock.due_at for clock in clocks if clock.running)
    later = life.town.hours.later(due, 4 * DAY)
    facts = {"reason": _say(life, "reason", "extend", leader), "due_on": later}
    life.make("extend", target, leader, facts)


def _result(life: Life, target: int, handler: Actor) -> None:
    body = life.town.words.answer(life.category)
    life.make("enter_result", target, handler, {"result": life.text("result", body, handler.account)})


def _approved(life: Life, target: int, leader: Actor) -> None:
    if _chance(life, 0.15):
        body = life.town.words.answer(life.category)
        life.make("edit_and_approve", target, leader, {"edited": life.text("edited", body, leader.account)})
    else:
        life.make("approve", target, leader, {})


def _told(life: Life, target: int, handler: Actor) -> None:
    if life.sealed:
        life.make("withhold", target, handler, {"ground": "confidential_requested"})
        return
    if _chance(life, 0.01):
        life.make("withhold", target, handler, {"ground": "province_decides"})
        return
    approved = life.case.assignments[target - 1].approved
    answer = next(row.body for row in life.texts if row.id == approved)
    facts = {
        "public_text": life.text("public_text", life.texts[0].body, handler.account),
        "public_answer": life.text("public_answer", answer, handler.account),
        "checked": True,
    }
    life.make("publish", target, handler, facts)


def _answered(life: Life, agency: str, target: int) -> None:
    """What the citizen makes of the answer."""
    if life.case.assignments[target - 1].publication == "public" and _chance(life, 0.004):
        life.wait(2 * DAY)
        leader = _at(life, "leader", agency)
        facts = {"ground": "personal_data", "reason": _say(life, "reason", "withdraw", leader)}
        life.make("withdraw", target, leader, facts)
    if _chance(life, 0.38):
        life.until(_evening(life, int(life.town.chance.random() * 5)))
        _rate(life)
    if _chance(life, 0.04):
        life.until(_evening(life, 1))
        life.make("ask_back", 1, _REPORTER, {"question": _say(life, "question", "question", None)})
        _answer_question(life, agency, target)


def _rate(life: Life) -> None:
    facts: dict[str, object] = {"rating": life.town.words.pick(_RATINGS)}
    if _chance(life, 0.3):
        facts["comment"] = _say(life, "comment", "comment", None)
    life.make("rate", 1, _REPORTER, facts)


def _answer_question(life: Life, agency: str, target: int) -> None:
    life.wait(300 * life.town.chance.random() + 20)
    clerk = _clerk(life)
    if _chance(life, 0.6):
        life.make("answer_question", 1, clerk, {"answer": _say(life, "answer", "answer", clerk)})
        return
    life.make("order_clarification", target, clerk, {"note": _say(life, "note", "note", clerk)})
    _worked_on(life, agency, target, again=True)

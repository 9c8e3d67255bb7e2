"""The first page: how well the law is kept, and the list of cases with its filters in the address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain

from flask import Response, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from webapp.core.clocks import near_until
from webapp.core.regulation import Regulation
from webapp.core.text import clean_line, fold
from webapp.doors import house, now, present
from webapp.doors.present import Vm
from webapp.public import kept
from webapp.public.present import item, page
from webapp.regulations.directory import Directory
from webapp.regulations.installation import Installation
from webapp.store.models import PubCard
from webapp.store.queries import public as queries
from webapp.store.queries.public import Hidden, TermId, Wanted, Word
from webapp.words import catalogue, sentence

PAGE_SIZE = 20
MONTHS = 3
MAX_WORDS = 100
Numbers = tuple[date, tuple[int, int, int], tuple[int, int]]  # since when; of then; open now
LIST = "phan-anh"  # where the list begins in the page


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; what it names and we do not know counts as not asked."""

    wanted: Wanted
    words: str
    page: int

    @property
    def values(self) -> dict[str, str]:
        wanted = self.wanted
        pairs = {"q": self.words, "linh-vuc": wanted.category, "noi": wanted.area, "han": wanted.term}
        return {name: value for name, value in pairs.items() if value}

    def url(self, number: int) -> str:
        more = {"trang": str(number)} if number > 1 else {}
        return url_for("public.home", **self.values, **more, _anchor=LIST)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the list and how long the whole is."""

    cards: Sequence[PubCard]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def show() -> Response:
    law, at = house().law, now()
    asked = read(request.args, law.directory)
    with house().store.public() as session:
        listed = _listed(session, asked, law, at)
        clocks = queries.clocks(session, [card.code for card in listed.cards])
        offered = _offered(session, law, at)
        numbers, hidden = _numbers(session, law, at), queries.hidden(session)
    rows = [queries.values_of(row) for row in chain(listed.cards, *clocks.values())]
    source = (law, asked, listed.total, listed.page, numbers, hidden, offered, rows)

    def draw() -> kept.Drawn:
        figures = {**_figures(numbers, law, at), "withheld_text": _hidden_text(law, hidden)}
        items = [item(law, card, clocks[card.code], at) for card in listed.cards]
        home = {**figures, **_list(asked, listed, offered), "items": items}
        dues = [card.due_at for card in listed.cards if card.due_at]
        shown = chain.from_iterable(clocks.values())
        dues += [clock.due_at for clock in shown if clock.ended_n is None and not clock.paused_at]
        return page("public/home.html", at="/", home=home), 200, kept.next_change(law.first, dues, at)

    return kept.drawn(asked.url(listed.page), source, at, draw)


def _offered(session: Session, law: Installation, at: datetime) -> Directory:
    """What one may look for: areas and categories in force, and those that are over but have cases."""
    zone = law.regulation(law.applies[0].regulation).zone
    directory, day = law.directory, at.astimezone(zone).date()
    over = [row.id for row in directory.areas if not row.in_force(day)]
    over += [row.id for row in directory.categories if not row.in_force(day)]
    used = queries.counted(session, over)
    return replace(
        directory,
        areas=tuple(row for row in directory.areas if row.in_force(day) or row.id in used),
        categories=tuple(row for row in directory.categories if row.in_force(day) or row.id in used),
    )


def read(args: MultiDict[str, str], directory: Directory) -> Asked:
    category, area, term = (args.get(name, "") for name in ("linh-vuc", "noi", "han"))
    wanted = Wanted(
        category if directory.category(category) else None,
        area if directory.area(area) else None,
        term if term in catalogue()["public_terms"] else None,
    )
    number = args.get("trang", "")
    number_read = int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 1
    return Asked(wanted, clean_line(args.get("q", "")[:MAX_WORDS]), max(1, number_read))


def _listed(session: Session, asked: Asked, law: Installation, at: datetime) -> Listed:
    wanted = wanted_of(asked, law, at)
    listed = Listed((), queries.count(session, wanted, at), asked.page)
    listed = replace(listed, page=min(listed.page, listed.pages))
    start = (listed.page - 1) * PAGE_SIZE
    return replace(listed, cards=queries.page(session, wanted, at, offset=start, limit=PAGE_SIZE))


def wanted_of(asked: Asked, law: Installation, at: datetime) -> Wanted:
    """The same with its words, each with what in the directory is called by it, and with what is near."""
    words = tuple(_word(one, law.directory) for one in fold(asked.words).split())
    return replace(asked.wanted, words=words, near=_near(law, at) if asked.wanted.term == "soon" else ())


def _near(law: Installation, at: datetime) -> tuple[tuple[datetime, tuple[TermId, ...]], ...]:
    found: dict[datetime, list[TermId]] = defaultdict(list)
    for regulation in law.versions:
        for clock in regulation.clocks:
            found[near_until(clock.term, regulation.counting, at)].append(
                (regulation.id, regulation.version, clock.id)
            )
    return tuple((until, tuple(terms)) for until, terms in sorted(found.items()))


def _word(text: str, directory: Directory) -> Word:
    """A word, written with or without marks, and what in the directory is called by it."""
    categories, areas = (
        tuple(row.id for row in rows if text in fold(row.name))
        for rows in (directory.categories, directory.areas)
    )
    return Word(text, categories, areas)


# Figures


def _numbers(session: Session, law: Installation, at: datetime) -> Numbers:
    since = _months_before(at.astimezone(law.first.zone).date(), MONTHS - 1)
    return since, queries.figures(session, since.isoformat()[:7]), queries.open_now(session, at)


def _figures(found: Numbers, law: Installation, at: datetime) -> Vm:
    since, (received, answered, on_time), (waiting, overdue) = found
    share = f"{round(100 * on_time / answered)} %" if answered else sentence("public_home", "none_yet")
    shown = [
        ("share", share, "ok" if answered else "idle"),
        ("waiting", str(waiting), "brand"),
        ("overdue", str(overdue), "late" if overdue else "idle"),
        ("taken_in", str(received), "idle"),
    ]
    numbers = {"good": on_time, "of": answered}
    return {
        "title": sentence("public_home", "title"),
        "lead": sentence("public_home", "lead"),
        "figures_title": sentence("public_home", "figures", month=since.strftime("%m/%Y")),
        "figures": [
            {"value": value, "label": sentence("public_home", code, **numbers), "tone": tone}
            for code, value, tone in shown
        ],
        "figures_cite": _how_counted(law, at),
    }


def _how_counted(law: Installation, at: datetime) -> Vm:
    regulation = law.first
    steps = [sentence("public_home", f"counted_{part}") for part in ("on_time", "overdue", "all", "sum")]
    when = sentence("public_home", "counted_at", time=present.local(regulation, at).strftime("%H:%M"))
    return present.cite(when, *steps, label=sentence("public_home", "counted"))


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _hidden_text(law: Installation, rows: Sequence[Hidden]) -> str:
    """How many cases show only a card, by ground: a list that is silent about them looks like censorship."""
    if not rows:
        return ""
    because: dict[str, list[Hidden]] = {}
    for row in rows:  # the same reason under two regulations is one reason
        ground = law.regulation(row.regulation).ground(row.ground or "")
        because.setdefault(f"{row.regulation} {ground.id}" if ground else "", []).append(row)
    parts = [
        _hidden_part(law.regulation(same[0].regulation), same[0], sum(row.count for row in same))
        for same in because.values()
    ]
    total = sum(row.count for row in rows)
    return sentence("public_home", "hidden", count=total, parts="; ".join(parts))


def _hidden_part(regulation: Regulation, row: Hidden, count: int) -> str:
    ground = regulation.ground(row.ground or "")
    if ground is None:
        return sentence("public_home", "hidden_pending", count=count)
    label = ground.label[0].lower() + ground.label[1:]
    return sentence("public_home", "hidden_ground", count=count, ground=label, cite=ground.cite)


# The list and its filters


def _list(asked: Asked, listed: Listed, directory: Directory) -> Vm:
    return {
        "count_text": sentence("public_home", "count", count=listed.total),
        "filters": _filters(asked, directory),
        "empty": None if listed.cards else _empty(asked),
        "pager": _pager(asked, listed),
    }


def _filters(asked: Asked, directory: Directory) -> Vm:
    wanted = asked.wanted
    areas = sorted(directory.areas, key=lambda area: fold(area.name))
    fields = [
        _select("linh-vuc", {row.id: row.name for row in directory.categories}, wanted.category),
        _select("noi", {row.id: row.name for row in areas}, wanted.area),
        _select("han", catalogue()["public_terms"], wanted.term),
    ]
    chosen = [row["label"] for field in fields for row in field["options"][1:] if row["selected"]]
    return {
        "action": url_for("public.home", _anchor=LIST),
        "q": {"name": "q", "label": sentence("public_home", "q"), "value": asked.words},
        "fields": fields,
        "active_text": ", ".join(chosen),
        "open": bool(chosen),
        "clear_url": url_for("public.home", _anchor=LIST) if asked.values else None,
    }


def _select(name: str, labels: object, chosen: str | None) -> Vm:
    assert isinstance(labels, dict)
    all_of_them = {"value": "", "label": sentence("public_all", name), "hint": "", "selected": not chosen}
    rows = [
        {"value": value, "label": label, "hint": "", "selected": value == chosen}
        for value, label in labels.items()
    ]
    return {"name": name, "label": sentence("public_filter", name), "options": [all_of_them, *rows]}


def _pager(asked: Asked, listed: Listed) -> Vm | None:
    if listed.pages == 1:
        return None
    number, last = listed.page, listed.pages
    return {
        "text": sentence("public_home", "pages", page=number, pages=last),
        "previous_url": asked.url(number - 1) if number > 1 else None,
        "next_url": asked.url(number + 1) if number < last else None,
    }


def _empty(asked: Asked) -> Vm:
    code = "empty_found" if asked.values else "empty_all"
    return {
        "title": sentence("public_home", code),
        "text": sentence("public_home", f"{code}_text"),
        "url": "/gui",
        "action": sentence("public_home", "send"),
    }

"""Everything the law says, read once: calendars, regulations, directory and map of an installation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from webapp.core.calendar import Calendar
from webapp.core.regulation import Regulation
from webapp.regulations.build import build
from webapp.regulations.calendars.load import load_calendar
from webapp.regulations.checks import check
from webapp.regulations.directory_file import load_directory
from webapp.regulations.installation import Installation, load_map
from webapp.regulations.rows import DataError, Problem, Reader, read_toml

FOLDER = Path(__file__).parent


def load_regulation(path: Path, calendars: dict[str, Calendar]) -> Regulation:
    """The regulation in one file. DataError lists every problem with file, row and mend."""
    reader = Reader(path.name)
    regulation = build(reader, read_toml(path), calendars)
    if regulation is not None:
        check(reader, regulation)
    reader.finish()
    assert regulation is not None  # finish() raised otherwise
    return regulation


def load_regulations(folder: Path = FOLDER) -> tuple[Regulation, ...]:
    """Every version of every regulation of the folder, oldest first; versions of one id may not overlap."""
    calendars = load_calendars(folder)
    files = sorted(folder.glob("*.toml"))
    problems: list[Problem] = []
    found = [_tried(lambda p=path: load_regulation(p, calendars), problems) for path in files]  # type: ignore[misc]
    regulations = [regulation for regulation in found if regulation is not None]
    problems += _overlaps(regulations)
    if problems:
        raise DataError(problems)
    return tuple(sorted(regulations, key=lambda r: (r.effective_from, r.id)))


def _tried(load: Callable[[], Any], problems: list[Problem]) -> Any:
    try:
        return load()
    except DataError as error:
        problems += error.problems
        return None


def _overlaps(regulations: Iterable[Regulation]) -> list[Problem]:
    ordered = sorted(regulations, key=lambda r: (r.id, r.effective_from, r.version))
    return [
        Problem(
            f"{second.id} version {second.version}",
            "[regulation]",
            f"it is valid at the same time as version {first.version}",
            f"end version {first.version} with effective_to = {second.effective_from}",
        )
        for first, second in pairwise(ordered)
        if first.id == second.id
        and (first.effective_to is None or first.effective_to > second.effective_from)
    ]


def load_calendars(folder: Path = FOLDER) -> dict[str, Calendar]:
    """The calendars beside the regulations, or the shipped ones where a folder brings none."""
    own = folder / "calendars"
    files = sorted((own if own.is_dir() else FOLDER / "calendars").glob("*.toml"))
    loaded = [load_calendar(path) for path in files]
    return {calendar.id: calendar for calendar in loaded}


def load_installation(id: str = "quang-nam", folder: Path = FOLDER, own: Path | None = None) -> Installation:
    """The installation of that id with all it needs; `own` holds an operator's rows of its directory.

    Raises DataError, or KeyError for an unknown id.
    """
    # Most have no own rows, and share what was read once.
    stamp = tuple(path.stat().st_mtime_ns for path in sorted(own.glob("*.toml"))) if own else ()
    return _installation(id, folder, own if stamp else None, stamp)


@lru_cache(maxsize=8)
def _installation(id: str, folder: Path, own: Path | None, stamp: tuple[int, ...]) -> Installation:
    files = sorted((folder / "directories").glob("*.toml"))
    directories = {d.id: d for d in (load_directory(path, own) for path in files)}
    regulations = load_regulations(folder)
    for path in sorted((folder / "installations").glob("*.toml")):
        found = load_map(path, directories, regulations)
        if found.id == id:
            return found
    raise KeyError(id)


def check_all(folder: Path = FOLDER) -> list[Problem]:
    """Every problem in the folder's data; an empty list means all of it may be used."""
    problems: list[Problem] = []
    regulations = _tried(lambda: load_regulations(folder), problems)
    directories: dict[str, Any] = {}
    for path in sorted((folder / "directories").glob("*.toml")):
        directory = _tried(lambda p=path: load_directory(p), problems)  # type: ignore[misc]
        directories |= {directory.id: directory} if directory else {}
    for path in sorted((folder / "installations").glob("*.toml")) if regulations is not None else ():
        _tried(lambda p=path: load_map(p, directories, regulations), problems)  # type: ignore[misc]
    return problems

"""The demo's staff and citizens: their accounts, and who acts when a story does not say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from webapp.core.regulation import Regulation
from webapp.core.workflow import Actor
from webapp.demo.files import read
from webapp.operations import accounts
from webapp.operations.people import Person
from webapp.operations.work import Work
from webapp.regulations.installation import Installation
from webapp.store import models


@dataclass(frozen=True, slots=True)
class LogIn:
    """What somebody who tries the demo types, and whose desk they then see."""

    username: str
    password: str = field(repr=False)
    name: str
    role: str
    agency: str


def log_ins(law: Installation) -> list[LogIn]:
    """Everybody who can log in to a loaded demo, in the order of the file."""
    password = read("cast", law.id)["password"]
    return [
        LogIn(row["username"], password, row["name"], _role_label(law, row["role"]), _agency_name(law, row))
        for row in read("cast", law.id)["staff"]
    ]


def _role_label(law: Installation, role: str) -> str:
    return next(r.label for regulation in law.own.values() for r in regulation.roles if r.id == role)


def _agency_name(law: Installation, row: dict[str, Any]) -> str:
    agency = law.directory.agency(row["agency"])
    if agency is None:
        raise LookupError(f"cast.toml: no agency {row['agency']!r} in directory {law.directory.id}")
    return agency.name


def add_accounts(work: Work) -> None:
    """The staff, all with one password that is hashed once: hashing is slow on purpose."""
    cast = read("cast", work.law.id)
    secret = accounts.hashed(cast["password"])
    work.session.add_all(
        models.Account(
            username=row["username"],
            password_hash=secret,
            name=row["name"],
            agency=row["agency"],
            roles=[row["role"]],
            active=True,
            created_at=work.now,
        )
        for row in cast["staff"]
    )
    work.session.flush()


def add_committees(work: Work, law: Installation) -> None:
    """A handler and a leader at every agency that has none, for demos with cases everywhere."""
    there = {(role, row.agency) for row in work.session.scalars(select(models.Account)) for role in row.roles}
    secret = work.session.scalars(select(models.Account.password_hash)).first()
    words = read("texts")["staff"]
    for agency in (row for row in law.directory.agencies if not row.coordinates):
        for role, short in (("handler", "canbo"), ("leader", "lanhdao")):
            if (role, agency.id) not in there:
                work.session.add(
                    models.Account(
                        username=f"{short}.{agency.id}",
                        password_hash=secret,
                        name=words[role].format(agency=agency.short),
                        agency=agency.id,
                        roles=[role],
                        active=True,
                        created_at=work.now,
                    )
                )
    work.session.flush()


def citizens() -> dict[str, Person]:
    return {
        row["id"]: Person(row["name"], row["phone"], row.get("email", ""), row.get("address", ""))
        for row in read("cast")["citizen"]
    }


@dataclass(frozen=True)
class Staff:
    """The accounts of a loaded demo, as actors."""

    ids: dict[str, int]
    installation: str = ""

    @property
    def rows(self) -> list[dict[str, Any]]:
        return list(read("cast", self.installation)["staff"])

    def named(self, username: str) -> Actor:
        row = next(row for row in self.rows if row["username"] == username)
        return Actor(frozenset({row["role"]}), row["agency"], self.ids[username])

    def of(self, role: str, agency: str | None) -> Actor:
        """The first of that role, of that agency where one is named. LookupError when nobody is."""
        for row in self.rows:
            if row["role"] == role and agency in (None, row["agency"]):
                return self.named(row["username"])
        raise LookupError(f"nobody is {role} at {agency}")


def actor_for(regulation: Regulation, staff: Staff, move: str, by: str | None, agency: str | None) -> Actor:
    """Who makes `move`: the account or role a story names, else the first role the regulation lists."""
    if by and by in staff.ids:
        return staff.named(by)
    role = by or regulation.move(move).by[0]
    org = regulation.role(role).org
    if org == "reporter":
        return Actor(frozenset({role}), submission=1)
    return staff.of(role, agency if org == "agency" else None)

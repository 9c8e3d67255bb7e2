"""`flask accounts add`: a first member of staff, when nobody can log in yet."""

from __future__ import annotations

import click

from webapp.cli.means import open_house
from webapp.cli.office import OFFICE
from webapp.operations import accounts
from webapp.regulations.installation import Installation


@click.group("accounts")
def accounts_group() -> None:
    """Staff accounts."""


for command in OFFICE:
    accounts_group.add_command(command)


@accounts_group.command("add")
@click.argument("username")
@click.option("--name", required=True, help="The person's name as colleagues see it.")
@click.option("--agency", required=True, help="An agency's id of the directory.")
@click.option(
    "--role", "roles", multiple=True, required=True, help="A role's id of the regulation; repeatable."
)
@click.password_option(help="Asked for when not given.")
def add_command(username: str, name: str, agency: str, roles: tuple[str, ...], password: str) -> None:
    """Add the account USERNAME."""
    with open_house() as house:
        _check(house.law, agency, roles)
        try:
            house.write(
                house.clock(), lambda work: accounts.add(work, username, password, name, agency, roles)
            )
        except accounts.WeakPassword as error:
            raise click.ClickException(_WEAK[error.code]) from error
    click.echo(f"{username} added")


_WEAK = {
    "short": f"the password needs at least {accounts.MIN_PASSWORD} characters",
    "guessable": "the password is easy to guess: take a sentence of four words or more",
}


def _check(law: Installation, agency: str, roles: tuple[str, ...]) -> None:
    directory = law.directory
    if directory.agency(agency) is None:
        known = ", ".join(a.id for a in (directory.coordinator, *directory.agencies[:8]))
        raise click.ClickException(f"no agency {agency!r} in the directory; there are {known} …")
    known_roles = {role.id for r in law.own.values() for role in r.roles}
    for role in roles:
        if role not in known_roles:
            raise click.ClickException(f"no role {role!r}; there are {', '.join(sorted(known_roles))}")

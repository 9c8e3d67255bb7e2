"""How a command gets its house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import click

from webapp.config import Config, ConfigError
from webapp.operations.house import House
from webapp.store.media import MediaDown
from webapp.store.migrate import NewerSchema, migrate


def clock() -> datetime:
    return datetime.now(UTC)


def read_config(*, demo: bool = False) -> Config:
    """The settings; a fault in them ends the command with what to mend."""
    try:
        config = Config.from_environment()
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    return replace(config, demo=True, secure_cookies=False) if demo else config


@contextmanager
def open_house(config: Config | None = None) -> Iterator[House]:
    """The house with its database at this version's schema."""
    house = House(config or read_config(), clock)
    try:
        migrate(house.store)
        yield house
    except NewerSchema as error:
        raise click.ClickException(str(error)) from error
    except MediaDown as error:
        raise click.ClickException(f"{error.strerror}. Try again once files can be stored.") from error
    finally:
        house.close()

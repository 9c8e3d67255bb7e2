"""The commands of `flask --app webapp`; each file is one of them."""

from __future__ import annotations

from flask import Flask

from webapp.cli.accounts import accounts_group
from webapp.cli.backup import backup_command, backup_keys_command, restore_command
from webapp.cli.calendar import calendar_group
from webapp.cli.cases import cases_group
from webapp.cli.demo import demo_group
from webapp.cli.directory import directory_group
from webapp.cli.due import due_command
from webapp.cli.keys import keys_group
from webapp.cli.people import people_group
from webapp.cli.regulations import regulations_group
from webapp.cli.retention import retention_group
from webapp.cli.serve import serve_command
from webapp.cli.store import store_group
from webapp.cli.web import web_command
from webapp.cli.worker import worker_command

COMMANDS = (
    accounts_group,
    backup_command,
    backup_keys_command,
    calendar_group,
    cases_group,
    demo_group,
    directory_group,
    due_command,
    keys_group,
    people_group,
    regulations_group,
    restore_command,
    retention_group,
    serve_command,
    store_group,
    web_command,
    worker_command,
)


def register(app: Flask) -> None:
    """Put every command on the application's command line."""
    for command in COMMANDS:
        app.cli.add_command(command)

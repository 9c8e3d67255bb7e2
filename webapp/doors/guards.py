"""Guards of doors. Every blueprint names one before its requests; that a door is open is said too."""

from __future__ import annotations

from flask import Blueprint, g
from werkzeug.wrappers import Response


def open_to_all(blueprint: Blueprint, *, same_for_all: bool = False) -> None:
    """Let everybody into this door; a view that shows something private asks for it itself.

    `same_for_all`: its pages are the same for everybody, carry no cookie and may be kept by caches.
    """

    def everybody() -> None:
        g.private = not same_for_all

    blueprint.before_request(everybody)


def forget(response: Response) -> None:
    """Let the browser drop the pages it holds, also those behind its back button, as one leaves."""
    response.headers["Clear-Site-Data"] = '"cache"'

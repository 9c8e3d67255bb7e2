"""Hoi Dap ("reply"). Importing a room such as `webapp.core` loads no web framework; only `create_app` does."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

__version__ = "0.1.0"


def create_app(*args: Any, **kwargs: Any) -> Flask:
    """The Flask application; see `webapp.app.create_app`."""
    app: Flask = import_module("webapp.app").create_app(*args, **kwargs)
    return app

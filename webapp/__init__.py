"""Hoi Dap ("reply"). Importing a room such as `webapp.core` loads no web framework; `create_app` does."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

__version__ = "0.1.0"


def create_app(*args: Any, **kwargs: Any) -> Flask:
    """The Flask application with its commands; see `webapp.app.create_app` and `webapp.cli`."""
    app: Flask = import_module("webapp.app").create_app(*args, **kwargs)
    import_module("webapp.cli").register(app)
    return app

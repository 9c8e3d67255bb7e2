"""Where files that are not Python lie: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def shipped(name: str) -> Path:
    """The folder `name` (static, migrations). Raises FileNotFoundError when it was not shipped."""
    for folder in (_PACKAGE.parent / name, _PACKAGE / "_shipped" / name):
        if folder.is_dir() and (_PACKAGE.parent / "pyproject.toml").exists() == (
            folder.parent == _PACKAGE.parent
        ):
            return folder
    raise FileNotFoundError(name)

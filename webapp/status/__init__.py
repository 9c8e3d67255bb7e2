"""How the machine is doing: for whoever operates it and for what watches it, never for the public."""

from __future__ import annotations

from webapp.status.views import blueprint

__all__ = ["blueprint"]

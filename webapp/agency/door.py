"""The blueprint of the desk, in a module of its own so that its views can import it."""

from flask import Blueprint

PREFIX = "/co-quan"

blueprint = Blueprint("agency", __name__, url_prefix=PREFIX)

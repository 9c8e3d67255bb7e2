"""The public door."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)

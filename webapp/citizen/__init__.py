"""The citizen door."""

from flask import Blueprint

blueprint = Blueprint("citizen", __name__)

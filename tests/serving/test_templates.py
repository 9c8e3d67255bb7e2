"""Templates are compiled once for all applications of a process."""

from __future__ import annotations

import secrets

import pytest
from jinja2 import DictLoader, Environment

from webapp import create_app
from webapp.doors.compiled import TEMPLATES


@pytest.fixture
def compiled(monkeypatch):
    """The names of what was compiled."""
    names, compile = [], Environment.compile

    def told(self, source, name=None, filename=None, **more):
        names.append(name)
        return compile(self, source, name, filename, **more)

    monkeypatch.setattr(Environment, "compile", told)
    return names


def test_a_second_application_compiles_nothing(town, compiled):
    for again in (False, True):
        compiled.clear()
        create_app(town.house.config, town.clock).jinja_env.get_template("errors/offline.html")
        assert not (again and compiled)


def test_a_changed_template_is_compiled_anew(compiled):
    for words in (secrets.token_hex(4), secrets.token_hex(4)):
        own = Environment(autoescape=True, loader=DictLoader({"a.html": words}), bytecode_cache=TEMPLATES)
        assert own.get_template("a.html").render() == words
    assert compiled == ["a.html", "a.html"]

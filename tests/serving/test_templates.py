"""Templates are compiled once for all applications of a process."""

from __future__ import annotations

import pytest
from jinja2 import DictLoader, Environment

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


def page(source: str) -> str:
    """What a new application makes of a template with this source."""
    loader = DictLoader({"tests/page.html": source})
    return (
        Environment(autoescape=True, loader=loader, bytecode_cache=TEMPLATES)
        .get_template("tests/page.html")
        .render()
    )


def test_a_second_application_compiles_nothing_and_a_changed_template_is_compiled_anew(compiled):
    assert [page("Nắp cống {{ 1 }}"), page("Nắp cống {{ 1 }}")] == ["Nắp cống 1"] * 2
    assert compiled == ["tests/page.html"]
    assert page("Đèn đường {{ 2 }}") == "Đèn đường 2"
    assert len(compiled) == 2

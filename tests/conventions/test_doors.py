"""Every door names its guard, and every page that anybody can reach passes the page check."""

import re
from functools import partial

import pytest

from tests.cast import found_town
from tests.crawl import STARTS, crawl, lived_in
from tests.page_check import check
from webapp.app import create_app

EXTENDS = re.compile(r"\{%-?\s*extends\s")
HEADING = re.compile(r"<h1[\s>]")


def test_every_blueprint_names_its_guard(app, refuse):
    faults = []
    for name in app.blueprints:
        guards = app.before_request_funcs.get(name, [])
        named = [guard for guard in guards if isinstance(guard, partial) or guard.__name__ != "<lambda>"]
        if not [guard for guard in named if guard.__module__.startswith("webapp.")]:
            faults.append(name)
    refuse(
        faults,
        "give the blueprint a guard: a function under @blueprint.before_request that denies by default, or "
        "webapp.doors.guards.open_to_all(blueprint). That a door is open is said too.",
    )


def test_whoever_is_let_in_everywhere_is_let_in_by_the_helper(app, modules, root, refuse):
    """`open` is a decision: it is made in one place, so that a search finds all of them."""
    empty = re.compile(
        r"before_request\s*\ndef \w+\(\)[^:]*:\s*(?:\"\"\"[^\"]*\"\"\"\s*)?(?:pass|return|\.\.\.)?\s*(?:\n\n|\Z)"
    )
    refuse(
        (str(path.relative_to(root)) for path in modules if empty.search(path.read_text(encoding="utf-8"))),
        "an empty guard looks like a forgotten one: call open_to_all(blueprint).",
    )


def test_every_view_belongs_to_a_door(app, refuse):
    known = {"static", "service_worker", "favicon", "offline"}
    loose = {rule.endpoint for rule in app.url_map.iter_rules() if "." not in rule.endpoint}
    refuse(sorted(loose - known), "register the view on a blueprint, so that it stands behind a guard.")


def test_every_page_template_draws_one_heading(templates, root, refuse):
    """A page writes its h1 itself, or extends one that does."""
    folder = root / "webapp" / "templates"
    texts = {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in templates
        if path.suffix == ".html"
    }
    parents = {name: re.findall(r"\{%-?\s*extends\s+[\"']([^\"']+)", text) for name, text in texts.items()}

    def headings(name):
        return len(HEADING.findall(texts[name])) + sum(headings(parent) for parent in parents[name])

    refuse(
        (
            f"{name}: {headings(name)}"
            for name, text in texts.items()
            if EXTENDS.search(text) and headings(name) < 1
        ),
        "draw <h1>{{ self.title() }}</h1> in block main.",
    )


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    town = found_town(tmp_path_factory.mktemp("doors") / "data")
    yield crawl(
        create_app(town.house.config, town.clock),
        lived_in(town),
        ["stranger", "reporter:public", "reporter:asked", "hoa", "tu", "lan", "son"],
    )
    town.house.close()


def test_every_page_of_a_walk_passes_the_page_check(seen, refuse):
    faults, checked = [], set()
    for page in seen.pages:
        if page.status in (301, 302, 303, 308) or (page.url, page.body) in checked:
            continue
        checked.add((page.url, page.body))
        try:
            check(page.text)
        except AssertionError as fault:
            faults.append(f"{page.who} {page.url}: {fault}")
    assert len(checked) > 60
    refuse(faults, "see the sentences above: each names its own.")


def test_no_link_of_a_walk_leads_nowhere(seen, refuse):
    """Addresses that the crawl itself made up aside."""
    made_up = {*STARTS, *(f"/pa/{receipt.number}" for receipt in seen.lived.receipts.values())}
    lost = {
        f"{a.who} {a.url}: {a.status}"
        for a in seen.answers
        if a.status in (404, 500) and a.url not in made_up
    }
    refuse(sorted(lost), "take the link away or give the address a view.")

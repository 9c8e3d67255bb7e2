"""Documents do not lag: what they name exists, and what exists is named."""

import ast
import re

import click
import pytest

from webapp import create_app

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```sh\n(.*?)```|`([^`\n]+)`", re.DOTALL)
MAKE = re.compile(r"^\s*(?:[A-Z_]+=\S+ )*make((?: [a-z][a-z-]*| [A-Z_]+=\S+)*)", re.MULTILINE)
FLASK = re.compile(r"flask --app webapp ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)")


@pytest.fixture(scope="module")
def documents(root):
    return sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])


def code_in(path):
    """Code spans and sh blocks: prose may say "make sure" without meaning a target."""
    return "\n".join(block or span for block, span in CODE.findall(path.read_text(encoding="utf-8")))


def make_targets(root):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z][a-z-]*):(?!=)(.*)$", makefile, flags=re.MULTILINE))


def test_links_resolve(documents, root, refuse):
    def broken(path):
        targets = LINK.findall(re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL))
        relative = (t.split("#")[0] for t in targets if not re.match(r"[a-z]+:|#", t))
        return [target for target in relative if not (path.parent / target).exists()]

    refuse(
        (f"{path.relative_to(root)}: {target}" for path in documents for target in broken(path)),
        "correct the path (links are relative to the document), or add the missing file.",
    )


def test_make_targets_named_in_documents_exist(documents, root, refuse):
    known = make_targets(root)
    refuse(
        (
            f"{path.relative_to(root)}: make {word}"
            for path in documents
            for words in MAKE.findall(code_in(path))
            for word in words.split()
            if "=" not in word and word not in known
        ),
        "name an existing target of the Makefile, or add it there.",
    )


def test_make_targets_carry_help(root, refuse):
    refuse(
        [f"make {name}" for name, rest in make_targets(root).items() if "## " not in rest],
        "write `## what it does` at the end of the target's line; bare `make` prints it.",
    )


def test_commands_named_in_documents_and_makefile_exist(documents, root, tmp_path, monkeypatch, refuse):
    monkeypatch.setenv("HOIDAP_DATA", str(tmp_path))
    cli = create_app().cli

    def known(words):
        group = cli
        for word in words:
            if not isinstance(group, click.Group):
                return True  # the rest are arguments
            group = group.get_command(click.Context(group), word)
            if group is None:
                return False
        return True

    makefile = root / "Makefile"
    recipes = makefile.read_text(encoding="utf-8").replace("$(FLASK)", "flask --app webapp")
    texts = [(makefile, recipes), *((path, code_in(path)) for path in documents)]
    refuse(
        (
            f"{path.relative_to(root)}: flask --app webapp {words}"
            for path, text in texts
            for words in FLASK.findall(text)
            if not known(words.split())
        ),
        "name a command that `flask --app webapp --help` lists, or register it in webapp/cli/.",
    )


def test_settings_are_documented(root, documents, parsed, refuse):
    tree = parsed(root / "webapp" / "config.py")
    names = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", node.value)
        and len(node.value) > 3
    }
    assert names, "webapp/config.py names no environment variable: has the reader moved?"
    text = "\n".join(code_in(path) for path in documents)
    refuse(
        sorted(name for name in names if not re.search(rf"\b{name}\b", text)),
        "add the setting to the table in README.md: name, default, what it changes.",
    )

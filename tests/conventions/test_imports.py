"""What may be imported where. The direction between rooms is import-linter's work (`make lint`)."""

import ast
import importlib.metadata
import re
import sys

# In the standard library, but not pure: the clock, the world outside, chance.
IMPURE = {"os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3", "subprocess", "tempfile"}
IMPURE |= {"threading", "time", "urllib", "uuid"}


def imported(tree: ast.Module) -> list[tuple[int, str]]:
    """Line and full name of every import, wherever it stands."""
    return [
        (node.lineno, name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    ]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name)[0]).lower()


def test_core_is_pure(root, modules, parsed, where, refuse):
    allowed = sys.stdlib_module_names - IMPURE
    refuse(
        (
            f"{where(path, line)}: {name}"
            for path in modules
            if root / "webapp" / "core" in path.parents
            for line, name in imported(parsed(path))
            if not name.startswith("webapp.core") and name.split(".")[0] not in allowed
        ),
        "the core is plain functions over plain values: pass the instant, the file's content or the "
        "random number in as an argument, and keep the package in the room that calls.",
    )


def test_what_is_imported_is_declared(modules, parsed, project, where, refuse):
    extras = project["project"]["optional-dependencies"]
    # An extra of the product is installed where its setting is used; those for tests never are.
    product = [row for name, rows in extras.items() if name != "test" for row in rows]
    declared = {canonical(requirement) for requirement in [*project["project"]["dependencies"], *product]}
    # These come with a declared package and are part of its face.
    declared |= {"jinja2", "markupsafe", "werkzeug"} if "flask" in declared else set()
    declared |= {"wtforms"} if "flask-wtf" in declared else set()
    owners = importlib.metadata.packages_distributions()
    refuse(
        (
            f"{where(path, line)}: {name}"
            for path in modules
            for line, name in imported(parsed(path))
            if (top := name.split(".")[0]) not in sys.stdlib_module_names | {"webapp"}
            and declared.isdisjoint(canonical(owner) for owner in owners.get(top, []))
        ),
        "add the package to [project] dependencies in pyproject.toml and to THIRD_PARTY.md.",
    )


def test_what_is_declared_is_explained(root, project, refuse):
    table = (root / "THIRD_PARTY.md").read_text(encoding="utf-8")
    named = {canonical(name) for name in re.findall(r"^\| `([^`]+)`", table, flags=re.MULTILINE)}
    extras = [r for group in project["project"].get("optional-dependencies", {}).values() for r in group]
    wanted = {canonical(r) for r in [*project["project"]["dependencies"], *extras]}
    refuse(sorted(wanted - named), "give each a row in THIRD_PARTY.md: name, licence, why it is here.")
    vendored = root / "static" / "vendor"
    folders = [p.name for p in vendored.iterdir()] if vendored.is_dir() else []
    refuse(
        [f"static/vendor/{name}" for name in sorted(folders) if name not in table],
        "name it in THIRD_PARTY.md with its licence and where it came from.",
    )

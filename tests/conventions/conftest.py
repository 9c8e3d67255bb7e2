"""What the convention tests share: where files are, and how they are read."""

import ast
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def modules() -> list[Path]:
    """Every Python module of the product."""
    found = sorted((ROOT / "webapp").rglob("*.py"))
    assert found, "no module found under webapp/: has the folder moved?"
    return found


@pytest.fixture(scope="session")
def templates() -> list[Path]:
    found = sorted(p for p in (ROOT / "webapp" / "templates").rglob("*") if p.is_file())
    assert found, "no template found under webapp/templates/: has the folder moved?"
    return found


@pytest.fixture(scope="session")
def project() -> dict[str, Any]:
    """pyproject.toml, read."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def parsed() -> Callable[[Path], ast.Module]:
    """A module's syntax tree, parsed once."""
    seen: dict[Path, ast.Module] = {}

    def parse(path: Path) -> ast.Module:
        if path not in seen:
            seen[path] = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        return seen[path]

    return parse


@pytest.fixture(scope="session")
def refuse() -> Callable[[Iterable[str], str], None]:
    """Fail with every fault on its own line, followed by the fix."""

    def check(faults: Iterable[str], fix: str) -> None:
        found = list(faults)
        assert not found, "\n".join(["", *(f"  {fault}" for fault in found), f"Fix: {fix}"])

    return check


@pytest.fixture(scope="session")
def where() -> Callable[[Path, int], str]:
    """`path:line`, as editors and terminals open it."""
    return lambda path, line: f"{path.relative_to(ROOT)}:{line}"

"""Small by default: the caps aim at the tail, where good codebases rot first."""

import ast

MODULE = 400  # a module stays below this
FUNCTION = 60  # a function stays at or below this


def test_modules_stay_small(modules, where, refuse):
    counted = ((path, len(path.read_text(encoding="utf-8").splitlines())) for path in modules)
    refuse(
        (f"{where(path, 1)}: {lines} lines" for path, lines in counted if lines >= MODULE),
        f"keep modules under {MODULE} lines: split this one by noun or by use case.",
    )


def test_functions_stay_small(modules, parsed, where, refuse):
    refuse(
        (
            f"{where(path, node.lineno)}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
            for path in modules
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno - node.lineno >= FUNCTION
        ),
        f"keep functions within {FUNCTION} lines: name the steps and make each a function.",
    )

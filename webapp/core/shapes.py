"""Shapes on the map as lists of (lon, lat) in degrees: centre, inside or not, drawn with fewer points.

A commune is small enough to count degrees as if they lay on a plane; where metres matter, a degree of
longitude is made as short as it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import cos, hypot, radians

Point = tuple[float, float]
Ring = Sequence[Point]
Polygon = Sequence[Ring]  # the outer ring, then holes
METRES = 111_320.0  # of one degree of latitude


def ring_area(ring: Ring) -> float:
    """Signed, in square degrees."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in _edges(ring)) / 2


def centroid(ring: Ring) -> Point:
    """The centre of gravity; the middle of its points where the ring has no area."""
    # Counted from the first point: coordinates of 100 degrees would swallow the last digits.
    x0, y0 = ring[0]
    moved = [(x - x0, y - y0) for x, y in ring]
    area = ring_area(moved)
    if not area:
        return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)
    crosses = [((x1, y1), (x2, y2), x1 * y2 - x2 * y1) for (x1, y1), (x2, y2) in _edges(moved)]
    x = sum((a[0] + b[0]) * cross for a, b, cross in crosses) / (6 * area)
    y = sum((a[1] + b[1]) * cross for a, b, cross in crosses) / (6 * area)
    return x0 + x, y0 + y


def inside(point: Point, polygons: Iterable[Polygon]) -> bool:
    """Whether the point lies in one of the polygons and in none of its holes."""
    return any(_in_ring(point, p[0]) and not any(_in_ring(point, hole) for hole in p[1:]) for p in polygons)


def centre(polygons: Sequence[Polygon]) -> Point:
    """A point that stands for the whole: the centre of the largest part, or a point within it where that
    centre falls outside (a commune shaped like a bow)."""
    largest = max(polygons, key=lambda polygon: abs(ring_area(polygon[0])))
    middle = centroid(largest[0])
    return middle if inside(middle, [largest]) else _within(largest, middle[1])


def _within(polygon: Polygon, y: float) -> Point:
    """The middle of the widest piece of the polygon on the line of latitude `y`."""
    cuts = sorted(
        x1 + (y - y1) * (x2 - x1) / (y2 - y1)
        for ring in polygon
        for (x1, y1), (x2, y2) in _edges(ring)
        if (y1 > y) != (y2 > y)
    )
    pieces = list(zip(cuts[::2], cuts[1::2], strict=False))
    if not pieces:
        return polygon[0][0]
    low, high = max(pieces, key=lambda piece: piece[1] - piece[0])
    return (low + high) / 2, y


def simplified(ring: Ring, tolerance_m: float) -> list[Point]:
    """Fewer points (Ramer, Douglas, Peucker): none that is left out lies further off than the tolerance."""
    if len(ring) < 5:
        return list(ring)
    scale = cos(radians(ring[0][1]))
    flat = [(x * scale * METRES, y * METRES) for x, y in ring]
    # A ring is cut where it is farthest from its beginning: between equal ends there is no line to keep to.
    far = max(range(len(flat)), key=lambda i: hypot(flat[i][0] - flat[0][0], flat[i][1] - flat[0][1]))
    kept = (
        {0, far, len(ring) - 1}
        | _bends(flat, 0, far, tolerance_m)
        | _bends(flat, far, len(ring) - 1, tolerance_m)
    )
    found = [ring[i] for i in sorted(kept)]
    return found if len(found) >= 4 else list(ring)


def _bends(flat: Sequence[Point], first: int, last: int, tolerance: float) -> set[int]:
    kept: set[int] = set()
    waiting = [(first, last)]
    while waiting:
        low, high = waiting.pop()
        between = range(low + 1, high)
        bend = max(between, key=lambda i: _off(flat[i], flat[low], flat[high]), default=None)
        if bend is not None and _off(flat[bend], flat[low], flat[high]) > tolerance:
            kept.add(bend)
            waiting += [(low, bend), (bend, high)]
    return kept


def _off(point: Point, a: Point, b: Point) -> float:
    """How far a point lies from the piece of line between a and b."""
    (px, py), (ax, ay), (bx, by) = point, a, b
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, ((px - ax) * dx + (py - ay) * dy) / length)) if length else 0.0
    return hypot(px - ax - along * dx, py - ay - along * dy)


def _in_ring(point: Point, ring: Ring) -> bool:
    x, y = point
    crossed = False
    for (x1, y1), (x2, y2) in _edges(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            crossed = not crossed
    return crossed


def _edges(ring: Ring) -> Iterable[tuple[Point, Point]]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)

"""Official boundaries of communes as GeoJSON: a centre for each area, and lighter shapes to draw."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webapp.core.shapes import Polygon, centre, simplified
from webapp.regulations.directory import Directory
from webapp.regulations.directory_file import Raw
from webapp.regulations.rows import DataError, Problem

CODES = ("code", "id", "ma", "ma_xa")  # what the property with the official code is called
TOLERANCE_M = 100.0
DIGITS, CENTRE_DIGITS = 4, 3  # about 11 m and 110 m
LARGEST = 100_000_000


@dataclass(frozen=True)
class Boundaries:
    """What a file says of a directory: rows with centres, shapes, and who is missing on which side."""

    areas: list[Raw]
    shapes: dict[str, Any]
    strangers: list[str]
    without: list[str]


def read_boundaries(path: Path, directory: Directory) -> Boundaries:
    """The features whose code is an area of the directory. Raises DataError."""
    found, strangers = {}, []
    for number, feature in enumerate(_features(path), 1):
        try:
            code = _code(feature)
            polygons = _polygons(feature["geometry"])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            mend = "give it a code and a Polygon or MultiPolygon in WGS 84"
            raise DataError(
                [Problem(path.name, f"feature {number}", f"it cannot be read ({error})", mend)]
            ) from None
        if directory.area(code):
            found[code] = polygons
        else:
            strangers.append(code)
    areas = [_area(code, polygons) for code, polygons in sorted(found.items())]
    features = [_feature(directory, code, polygons) for code, polygons in sorted(found.items())]
    without = [area.id for area in directory.areas if area.id not in found]
    return Boundaries(areas, {"type": "FeatureCollection", "features": features}, strangers, without)


def _features(path: Path) -> list[Any]:
    if path.stat().st_size > LARGEST:
        raise DataError([Problem(path.name, "file", "it is larger than 100 MB", "simplify it first")])
    try:
        features = json.loads(path.read_text("utf-8"))["features"]
        if isinstance(features, list):
            return features
    except (ValueError, KeyError, TypeError):
        pass
    raise DataError(
        [Problem(path.name, "file", "it is no GeoJSON FeatureCollection", "export it as GeoJSON")]
    )


def _code(feature: Any) -> str:
    properties = feature.get("properties") or {}
    return str(next(properties[name] for name in CODES if properties.get(name)))


def _polygons(geometry: Any) -> list[Polygon]:
    kind, numbers = geometry["type"], geometry["coordinates"]
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(kind)
    polygons = [numbers] if kind == "Polygon" else numbers
    found = [[[(float(x), float(y)) for x, y, *_ in ring] for ring in polygon] for polygon in polygons]
    if not found or any(not _is_degrees(x, y) for polygon in found for ring in polygon for x, y in ring):
        raise ValueError("not degrees of WGS 84")
    if any(len(ring) < 4 for polygon in found for ring in polygon):
        raise ValueError("a ring of fewer than four points")
    return found  # type: ignore[return-value]


def _is_degrees(x: float, y: float) -> bool:
    return -180 <= x <= 180 and -90 <= y <= 90


def _area(code: str, polygons: list[Polygon]) -> Raw:
    lon, lat = centre(polygons)
    return {"id": code, "lat": round(lat, CENTRE_DIGITS), "lon": round(lon, CENTRE_DIGITS)}


def _feature(directory: Directory, code: str, polygons: list[Polygon]) -> dict[str, Any]:
    area = directory.area(code)
    rings = [
        [[_rounded(p) for p in simplified(ring, TOLERANCE_M)] for ring in polygon] for polygon in polygons
    ]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": area.name if area else ""},
        "geometry": {"type": "MultiPolygon", "coordinates": rings},
    }


def _rounded(point: tuple[float, float]) -> list[float]:
    return [round(point[0], DIGITS), round(point[1], DIGITS)]

"""What a photo costs: CPU in the request, and derivatives per second and core in the worker's children.

    .venv/bin/python -m bench.photos [rounds]

Prints one line of JSON per figure. The 12-megapixel photo is made here: detail and grain such that it weighs
what a phone's photo weighs (some 4.5 MB).
"""

from __future__ import annotations

import io
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from webapp.operations import photos
from webapp.pictures.pool import Pool
from webapp.store.media import MediaStore
from webapp.store.sealing import Keys, Vault

LIMIT = 25 * 1024 * 1024


def phone_photo(width: int = 4000, height: int = 3000) -> bytes:
    coarse = Image.effect_noise((width // 4, height // 4), 40).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    grain = Image.merge("RGB", (Image.effect_noise((width, height), 12),) * 3)
    detail = Image.merge("RGB", (coarse, coarse.transpose(0), coarse.transpose(1)))
    out = io.BytesIO()
    Image.blend(detail, grain, 0.3).save(out, "JPEG", quality=90)
    return out.getvalue()


def request_part(data: bytes, folder: Path, rounds: int) -> list[float]:
    """CPU milliseconds of typing, header, pixel limit, hash, seal and durable file; in this process."""
    vault, media = Vault(Keys.load_or_create(folder / "keys")), MediaStore(folder / "media")
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        photos.keep(vault, media, data, LIMIT)
        spent.append((time.process_time() - began) * 1000)
    return spent


def redrawing(data: bytes, rounds: int) -> tuple[int, float]:
    """Copies drawn, and CPU seconds of all children, starting them included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with Pool(1) as pool:
        copies = sum(len(pool.redraw(data)) for _ in range(rounds))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return copies, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def tell(figure: str, value: float, unit: str, **more: object) -> None:
    print(json.dumps({"figure": figure, "value": round(value, 2), "unit": unit, **more}))


def main(rounds: int) -> None:
    data = phone_photo()
    about = {"megapixels": 12, "bytes": len(data), "rounds": rounds, "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as folder:
        spent = request_part(data, Path(folder), rounds)
    tell("photo_request_cpu_median", statistics.median(spent), "ms", most=round(max(spent), 2), **about)
    copies, cpu = redrawing(data, rounds)
    tell("photo_derivatives_per_core", copies / cpu, "per second", widths=list(photos.WIDTHS), **about)
    tell("photo_redraw_cpu", cpu / rounds * 1000, "ms", **about)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)

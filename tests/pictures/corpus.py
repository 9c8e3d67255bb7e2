"""Files as honest phones make them and as others would: each is made here, small and quickly.

Every maker gives bytes. `CANARY` is what must never come out again.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

CANARY = "CANARY-7731"
_ORIENTATION = 0x0112
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 180, 40), (30, 50, 200), (245, 245, 245)
_XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><a>{CANARY}-xmp</a></rdf:RDF></x:xmpmeta>"


def quadrants(width: int = 320, height: int = 240) -> Image.Image:
    """Red, green, blue and white corners, so that every turn and mirroring shows."""
    image = Image.new("RGB", (width, height), WHITE)
    halves = width // 2, height // 2
    for colour, corner in ((RED, (0, 0)), (GREEN, (halves[0], 0)), (BLUE, (0, halves[1]))):
        image.paste(colour, (*corner, corner[0] + halves[0], corner[1] + halves[1]))
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int = 1, padding: int = 0) -> Image.Exif:
    """A camera's notes: maker, place, a comment, each with the canary."""
    notes = Image.Exif()
    notes[_ORIENTATION] = orientation
    notes[0x010F] = f"{CANARY}-make"
    notes[0x010E] = f"{CANARY}-description" + "x" * padding
    notes.get_ifd(0x8825).update({1: "N", 2: (15.0, 34.0, 25.0), 3: "E", 4: (108.0, 28.0, 26.0), 29: CANARY})
    return notes


def jpeg(orientation: int = 1, **options: object) -> bytes:
    """A phone's JPEG: EXIF with a position, XMP and a comment."""
    options = {"quality": 92, "comment": f"{CANARY}-comment", "xmp": _XMP.encode()} | options
    return saved(quadrants(), "JPEG", exif=exif(orientation), **options)


def png() -> bytes:
    notes = PngInfo()
    notes.add_text("Comment", f"{CANARY}-text", zip=False)
    notes.add_itxt("XML:com.adobe.xmp", _XMP)
    return saved(quadrants(), "PNG", pnginfo=notes, exif=exif())


def webp(orientation: int = 1) -> bytes:
    return saved(quadrants(), "WEBP", exif=exif(orientation), xmp=_XMP.encode())


def heic(orientation: int = 1, width: int = 320, height: int = 240) -> bytes:
    import pillow_heif

    # Not from_pillow: that would turn the pixels too, and a phone leaves them as the sensor gave them.
    picture = pillow_heif.from_bytes("RGB", (width, height), quadrants(width, height).tobytes())
    out = io.BytesIO()
    picture.save(out, quality=80, exif=exif(orientation).tobytes(), xmp=_XMP.encode())
    return out.getvalue()


# Two things in one file


def jpeg_and_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.sh", f"echo {CANARY}")
    return jpeg() + out.getvalue()


def jpeg_with_script() -> bytes:
    return jpeg(comment=f"<script>alert('{CANARY}')</script>")


def motion_photo() -> bytes:
    """A film behind the picture, as some phones write it."""
    box = b"ftypmp42\0\0\0\0mp42" + CANARY.encode()
    return jpeg() + struct.pack(">I", len(box) + 4) + box + b"\0" * 5000


def portrait_shot() -> bytes:
    """A JPEG with a second one behind it and an index of both (MPO), as phones write depth maps."""
    return saved(quadrants(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48))], exif=exif())


# Not what the name says


def svg() -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg"><script>{CANARY}</script></svg>'.encode()


def eps() -> bytes:
    return saved(quadrants(), "EPS")


def html() -> bytes:
    return f"<!doctype html><title>{CANARY}</title><script>1</script>".encode()


def pdf() -> bytes:
    return saved(quadrants(), "PDF")


def gif() -> bytes:
    return saved(quadrants(), "GIF")


def tiff() -> bytes:
    return saved(quadrants(), "TIFF")


# Too much, or too little


@cache
def png_bomb(width: int = 30_000, height: int = 30_000, *, colour: bool = False) -> bytes:
    """Some hundred kilobytes that unfold to 900 MB: one byte a pixel (or three), all the same."""
    row = b"\0" * (width * (3 if colour else 1) + 1)
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(row * 100) for _ in range(height // 100)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if colour else 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


@cache
def heic_bomb(width: int = 12_000, height: int = 9_000) -> bytes:
    """108 megapixels of one grey in some 20 KB. Takes seconds to make."""
    import pillow_heif

    out = io.BytesIO()
    picture = pillow_heif.from_bytes("L", (width, height), b"\x80" * (width * height))
    picture.save(out, quality=10, chroma=420, enc_params={"preset": "ultrafast"})
    return out.getvalue()


def webp_canvas(width: int = 16_383, height: int = 16_383) -> bytes:
    """A header that announces the largest canvas WebP has, and next to nothing in it."""
    frame = saved(Image.new("RGB", (8, 8)), "WEBP")[12:]
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


@cache
def large_jpeg(width: int, height: int) -> bytes:
    """A JPEG of any height for the price of one row of blocks: that row again and again.

    Every row of blocks begins with a restart marker, so that all rows are the same bytes.
    """
    two = saved(Image.new("RGB", (width, 32), (90, 140, 60)), "JPEG", quality=60, restart_marker_rows=1)
    frame, scan = two.index(b"\xff\xc0"), two.index(b"\xff\xda")
    start = scan + 2 + int.from_bytes(two[scan + 2 : scan + 4], "big")
    row = two[start : two.index(b"\xff\xd0", start)]
    rows = [row + bytes([0xFF, 0xD0 + number % 8]) for number in range((height + 15) // 16)]
    head = two[: frame + 5] + height.to_bytes(2, "big") + two[frame + 7 : start]
    return head + b"".join(rows)[:-2] + b"\xff\xd9"


def cut_short() -> bytes:
    return jpeg()[:-400]


def cut_in_header() -> bytes:
    return jpeg()[:60]


def png_cut_short() -> bytes:
    whole = saved(Image.effect_noise((200, 200), 50), "PNG")
    return whole[: len(whole) // 2]


# Honest, but unusual


def cmyk_jpeg() -> bytes:
    return saved(quadrants().convert("CMYK"), "JPEG", quality=92, exif=exif())


def sixteen_bit_png() -> bytes:
    """A grey ramp of 65,536 steps."""
    values = struct.pack("<256H", *range(0, 65_536, 256)) * 64
    return saved(Image.frombytes("I;16", (256, 64), values), "PNG")


def see_through_png() -> bytes:
    image = quadrants().convert("RGBA")
    image.putalpha(0)
    return saved(image, "PNG")


def palette_png() -> bytes:
    return saved(quadrants().quantize(16), "PNG")


def animated(kind: str) -> bytes:
    others = [Image.new("RGB", (320, 240), colour) for colour in (RED, BLUE)]
    return saved(quadrants(), kind, save_all=True, append_images=others, duration=80)


def huge_notes() -> bytes:
    """Nearly 64 KB of EXIF, and a colour profile of two megabytes that is none."""
    notes = exif(padding=60_000)
    return saved(quadrants(), "JPEG", exif=notes, icc_profile=CANARY.encode() * 180_000)


def wide_gamut_jpeg() -> bytes:
    """Colours with the red and green channels of another profile than the screen's."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    return saved(quadrants(), "JPEG", icc_profile=profile.tobytes())


def swapped_profile() -> bytes:
    """An sRGB profile whose red and blue have changed places: read with it, red is blue."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    tags = {bytes(profile[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    red, blue = tags[b"rXYZ"], tags[b"bXYZ"]
    profile[red : red + 4], profile[blue : blue + 4] = profile[blue : blue + 4], profile[red : red + 4]
    return saved(quadrants(), "JPEG", quality=95, icc_profile=bytes(profile))

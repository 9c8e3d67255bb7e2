"""Drawing a picture again from its pixels alone, upright, in sRGB, as plain JPEG copies in several widths."""

from __future__ import annotations

import io
from typing import Final, NamedTuple

from PIL import Image, ImageCms, ImageOps

from webapp.pictures.judge import BadPhoto, open_picture

WIDTHS: Final = (480, 800, 1280)
QUALITY: Final = 82
# The copy that stands in for the original where that may not be kept: large enough to read a sign by.
KEPT: Final = 2560
KEPT_QUALITY: Final = 88
_MAX_PROFILE: Final = 1024 * 1024
_SRGB: Final = ImageCms.createProfile("sRGB")


class Copy(NamedTuple):
    """One redrawn JPEG and its size in pixels."""

    width: int
    height: int
    data: bytes


def redraw(data: bytes) -> list[Copy]:
    """Copies in every width below the picture's own, and last the one to keep. Raises BadPhoto."""
    try:
        image = _drawn(open_picture(data))
        copies = [_saved(image, KEPT_QUALITY)]
        # Each from the next larger one, which costs half of drawing all from the largest.
        for width in sorted(WIDTHS, reverse=True):
            if width < image.width:
                image = _scaled(image, width)
                copies.append(_saved(image, QUALITY, progressive=True))
        return copies[::-1]
    except (BadPhoto, ImportError, PermissionError):
        raise  # a verdict already, or a fault of this process rather than of the picture
    except MemoryError as error:
        raise BadPhoto("too_heavy") from error
    except Exception as error:  # decoders fed by strangers fail in every way there is
        raise BadPhoto("unreadable") from error


def _drawn(image: Image.Image) -> Image.Image:
    """The picture in at most KEPT pixels each way, with nothing on it but its pixels."""
    _draft(image)
    image.load()
    profile = image.info.get("icc_profile")
    exif = image.getexif()
    small = _resizable(image)
    # Shrunk before it is turned or recoloured: each of those makes a second copy of it.
    small.thumbnail((KEPT, KEPT), Image.Resampling.BICUBIC, reducing_gap=2.0)
    plain = _in_srgb(_opaque(small), profile)
    plain.getexif().update({_ORIENTATION: exif.get(_ORIENTATION, 1)})
    upright = ImageOps.exif_transpose(plain)
    return Image.frombytes("RGB", upright.size, upright.tobytes())


_ORIENTATION: Final = 0x0112


def _draft(image: Image.Image) -> None:
    """Have a JPEG decoded at a half, a quarter or an eighth, as long as that is no less than KEPT."""
    longest = max(image.size)
    wanted = (max(1, image.width * KEPT // longest), max(1, image.height * KEPT // longest))
    image.draft("RGB", wanted)


def _resizable(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be scaled smoothly; the modes of photographs stay as they are."""
    if image.mode in ("1", "P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image


def _opaque(image: Image.Image) -> Image.Image:
    """Transparent parts become white, as on paper."""
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image).convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as a screen without profiles shows them. A profile that cannot be read is no profile."""
    if profile and len(profile) <= _MAX_PROFILE:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            turned = None
        if turned is not None:
            return turned
    return image.convert("RGB")


def _scaled(image: Image.Image, width: int) -> Image.Image:
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _saved(image: Image.Image, quality: int, *, progressive: bool = False) -> Copy:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=progressive)
    return Copy(*image.size, out.getvalue())

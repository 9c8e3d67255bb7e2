"""What a file is, by its content and its header. Nothing is decoded here, so a request may do it."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Final

import pi_heif
from PIL import Image, PngImagePlugin, WebPImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

# JPEG alone can be decoded at a fraction of its size, so 108 and 200 megapixel sensors are welcome.
MAX_JPEG_PIXELS: Final = 200_000_000
MAX_PIXELS: Final = 50_000_000
# Everything else that Pillow can open stays shut: an EPS named .jpg made it look for Ghostscript.
OTHERS: Final = {
    PngImagePlugin.PngImageFile.format: "image/png",
    WebPImagePlugin.WebPImageFile.format: "image/webp",
    "HEIF": "image/heic",
}
_JPEG: Final = b"\xff\xd8\xff"

# Pillow raises beyond twice this figure, and for WebP it does so before it makes the canvas.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
# One thread: each further one reserves address space, of which the redrawing child has little.
pi_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


class BadPhoto(ValueError):
    """A file that is not taken. `code` says why: empty, too_large, too_many_pixels, unreadable, too_heavy."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Judged:
    """What the header says: the type by content, and the size in pixels."""

    mime: str
    width: int
    height: int


def judge(data: bytes, limit: int) -> Judged:
    """The type and size of a picture of at most `limit` bytes. Raises BadPhoto."""
    if not data:
        raise BadPhoto("empty")
    if len(data) > limit:
        raise BadPhoto("too_large")
    with open_picture(data) as image:
        mime = "image/jpeg" if image.format == "JPEG" else OTHERS[str(image.format)]
        return Judged(mime, *image.size)


def open_picture(data: bytes) -> Image.Image:
    """The picture with its header read and its pixel count within limits. Raises BadPhoto."""
    try:
        image = _open(data)
    except Image.DecompressionBombError as error:
        raise BadPhoto("too_many_pixels") from error
    except (ImportError, PermissionError):
        raise  # a fault of this process, not of the picture
    except Exception as error:  # a parser fed by strangers fails in every way there is
        raise BadPhoto("unreadable") from error
    limit = MAX_JPEG_PIXELS if image.format == "JPEG" else MAX_PIXELS
    if image.width * image.height > limit:
        image.close()
        raise BadPhoto("too_many_pixels")
    return image


def _open(data: bytes) -> Image.Image:
    source = io.BytesIO(data)
    if data.startswith(_JPEG):
        # The class itself: Image.open would hold the general pixel limit against it, and would take a
        # phone's portrait shot (a JPEG with a depth map behind it) for another format.
        return JpegImageFile(source)
    return Image.open(source, formats=tuple(OTHERS))

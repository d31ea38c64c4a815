"""Pictures made safe: opened within limits, turned upright, made smaller, and written anew without what cameras add."""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from bot.core.texts import Text, worded

LARGEST_FILE = 12 * 1024 * 1024
MOST_PIXELS = 40_000_000
LARGEST_RESULT = 1024 * 1024
LONGEST_SIDE = 1600
FORMATS = ("PNG", "JPEG", "GIF")
MIMETYPES = {"image/png": "png", "image/jpeg": "jpg"}


class PictureError(ValueError):
    """`why` and `cure` are for the person who chose the picture."""

    def __init__(self, why: Text, cure: Text) -> None:
        super().__init__(why)
        self.why, self.cure = why, cure


@dataclass(frozen=True, kw_only=True)
class Picture:
    """`hash` is of `data`: what the picture is known by ever after."""

    hash: str
    mimetype: str
    data: bytes

    @property
    def name(self) -> str:
        return f"{self.hash[:16]}.{MIMETYPES[self.mimetype]}"


def read(path: Path) -> Picture:
    """The picture in a file, re-encoded. Raises `PictureError`. Takes up to a second of computing."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            why = worded("the picture has {count} bytes; {limit} are allowed", count=size, limit=LARGEST_FILE)
            raise PictureError(why, worded("save it smaller"))
        return encode(path.read_bytes())
    except OSError as error:
        why = worded("the picture cannot be read")
        raise PictureError(why, worded("check the file's name and place")) from error


def encode(raw: bytes) -> Picture:
    """Photographs become JPEG, what has transparency becomes PNG; of a moving GIF the first picture is kept."""
    if b"<svg" in raw[:1024].lower():
        raise PictureError(worded("it is an SVG, which can carry scripts"), worded("save it as PNG"))
    try:
        with Image.open(BytesIO(raw), formats=FORMATS) as opened:
            pixels = opened.width * opened.height
            if pixels > MOST_PIXELS:
                why = worded("the picture has {count} pixels; {limit} are allowed", count=pixels, limit=MOST_PIXELS)
                raise PictureError(why, worded("save it smaller"))
            opened.load()
            clear = "transparency" in opened.info or opened.mode in {"RGBA", "LA", "PA"}
            upright = ImageOps.exif_transpose(opened)
            image = upright.convert("RGBA" if clear else "RGB")
    except Image.DecompressionBombError as error:
        why = worded("the picture has more than {limit} pixels", limit=MOST_PIXELS)
        raise PictureError(why, worded("save it smaller")) from error
    except UnidentifiedImageError as error:
        why = worded("it is not a PNG, JPEG or GIF picture")
        raise PictureError(why, worded("save it as PNG or JPEG")) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        if isinstance(error, PictureError):
            raise
        cure = worded("save it again from a program that shows it")
        raise PictureError(worded("the picture is broken"), cure) from error
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return _png(image) if clear else _jpeg(image)


def _bare(image: Image.Image) -> Image.Image:
    """Only the pixels: no position, no camera, no comments, no colour profile."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _jpeg(image: Image.Image) -> Picture:
    for quality in (88, 80, 70, 55, 40):
        data = BytesIO()
        _bare(image).save(data, "JPEG", quality=quality, optimize=True)
        if data.tell() <= LARGEST_RESULT:
            return _picture(data.getvalue(), "image/jpeg")
    return _jpeg(image.resize((image.width // 2, image.height // 2)))


def _png(image: Image.Image) -> Picture:
    data = BytesIO()
    _bare(image).save(data, "PNG", optimize=True)
    if data.tell() <= LARGEST_RESULT:
        return _picture(data.getvalue(), "image/png")
    return _png(image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4))))


def _picture(data: bytes, mimetype: str) -> Picture:
    return Picture(hash=sha256(data).hexdigest(), mimetype=mimetype, data=data)

"""Pictures made safe: opened within limits, turned upright, made smaller, and written anew without what cameras add."""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

LARGEST_FILE = 12 * 1024 * 1024
MOST_PIXELS = 40_000_000
LARGEST_RESULT = 1024 * 1024
LONGEST_SIDE = 1600
FORMATS = ("PNG", "JPEG", "GIF")
MIMETYPES = {"image/png": "png", "image/jpeg": "jpg"}


class PictureError(ValueError):
    """`why` and `cure` are for the person who chose the picture."""

    def __init__(self, why: str, cure: str) -> None:
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
            raise PictureError(f"the picture has {size} bytes; {LARGEST_FILE} are allowed", "save it smaller")
        return encode(path.read_bytes())
    except OSError as error:
        raise PictureError("the picture cannot be read", "check the file's name and place") from error


def encode(raw: bytes) -> Picture:
    """Photographs become JPEG, what has transparency becomes PNG; of a moving GIF the first picture is kept."""
    if b"<svg" in raw[:1024].lower():
        raise PictureError("it is an SVG, which can carry scripts", "save it as PNG")
    try:
        with Image.open(BytesIO(raw), formats=FORMATS) as opened:
            pixels = opened.width * opened.height
            if pixels > MOST_PIXELS:
                raise PictureError(f"the picture has {pixels} pixels; {MOST_PIXELS} are allowed", "save it smaller")
            opened.load()
            clear = "transparency" in opened.info or opened.mode in {"RGBA", "LA", "PA"}
            upright = ImageOps.exif_transpose(opened)
            image = upright.convert("RGBA" if clear else "RGB")
    except Image.DecompressionBombError as error:
        raise PictureError(f"the picture has more than {MOST_PIXELS} pixels", "save it smaller") from error
    except UnidentifiedImageError as error:
        raise PictureError("it is not a PNG, JPEG or GIF picture", "save it as PNG or JPEG") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError("the picture is broken", "save it again from a program that shows it") from error
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

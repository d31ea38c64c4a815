"""Flat shapes on a smooth canvas: everything is drawn three times as large and then shrunk, which softens the edges."""

import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SCALE = 3
GLOW = "#FFC83D"
BOARD = "#1E7A5A"
INK = "#22303F"

Point = tuple[float, float]


class Canvas:
    """Coordinates are those of the finished picture; later shapes cover earlier ones."""

    def __init__(self, width: int, height: int, background: str | None) -> None:
        self.size = (width, height)
        mode, fill = ("RGB", background) if background else ("RGBA", "#00000000")
        self.image = Image.new(mode, (width * SCALE, height * SCALE), fill)
        self.draw = ImageDraw.Draw(self.image, "RGBA")  # see-through colours blend on a solid background

    def rect(self, x: float, y: float, w: float, h: float, fill: str, r: float = 0) -> None:
        self.draw.rounded_rectangle(_scaled([(x, y), (x + w, y + h)]), r * SCALE, fill)

    def frame(self, x: float, y: float, w: float, h: float, color: str, width: float, r: float = 0) -> None:
        self.draw.rounded_rectangle(_scaled([(x, y), (x + w, y + h)]), r * SCALE, None, color, int(width * SCALE))

    def disc(self, x: float, y: float, r: float, fill: str) -> None:
        self.draw.ellipse(_scaled([(x - r, y - r), (x + r, y + r)]), fill)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: str) -> None:
        self.draw.ellipse(_scaled([(x - rx, y - ry), (x + rx, y + ry)]), fill)

    def ring(self, x: float, y: float, r: float, color: str, width: float) -> None:
        self.draw.ellipse(_scaled([(x - r, y - r), (x + r, y + r)]), None, color, int(width * SCALE))

    def arc(self, x: float, y: float, r: float, start: float, end: float, color: str, width: float) -> None:
        """A round-ended arc; degrees run clockwise from three o'clock."""
        box = _scaled([(x - r, y - r), (x + r, y + r)])
        self.draw.arc(box, start, end, color, int(width * SCALE))
        for angle in (start, end):
            middle = r - width / 2
            turn = math.radians(angle)
            self.disc(x + middle * math.cos(turn), y + middle * math.sin(turn), width / 2, color)

    def line(self, points: Sequence[Point], color: str, width: float) -> None:
        self.draw.line(_scaled(points), color, int(width * SCALE), joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, color)

    def poly(self, points: Sequence[Point], fill: str) -> None:
        self.draw.polygon(_scaled(points), fill)

    def text(self, x: float, y: float, words: str, size: float, color: str) -> None:
        """Centred on the point."""
        font = ImageFont.load_default(size * SCALE)
        self.draw.text((x * SCALE, y * SCALE), words, color, font, anchor="mm")

    def save(self, path: Path, colors: int = 128) -> None:
        small = self.image.resize(self.size, Image.Resampling.BOX)
        method = Image.Quantize.MEDIANCUT if small.mode == "RGB" else Image.Quantize.FASTOCTREE
        small = small.quantize(colors, method, dither=Image.Dither.NONE)
        small.save(path, optimize=True)


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]


def lens(canvas: Canvas, part: str, at: Point, x: float = 965, y: float = 250, r: float = 158) -> None:
    """A magnifier that shows our part, tied to the place in the product where it sits."""
    distance = math.hypot(x - at[0], y - at[1])
    edge = (x - (x - at[0]) * r / distance, y - (y - at[1]) * r / distance)
    canvas.line([at, edge], GLOW, 7)
    canvas.disc(*at, 24, "#FFF3CF")
    canvas.disc(*at, 15, GLOW)
    canvas.disc(x + 5, y + 9, r + 4, "#0000001C")
    canvas.disc(x, y, r, "#FFFFFF")
    canvas.ring(x, y, r, GLOW, 11)
    _board(canvas, part, x, y)


def _board(canvas: Canvas, part: str, x: float, y: float) -> None:
    left, top = x - 98, y - 74
    canvas.rect(left, top, 196, 148, BOARD, 14)
    for step in range(6):
        canvas.rect(left + 26 + step * 26, top - 12, 14, 18, "#D9A441", 3)
        canvas.rect(left + 26 + step * 26, top + 142, 14, 18, "#D9A441", 3)
    for row in (-44, -24, 26, 46):
        canvas.line([(left + 16, y + row), (x - 34, y + row), (x - 20, y + row * 0.4)], "#56B48F", 4)
        canvas.line([(left + 180, y + row), (x + 34, y + row), (x + 20, y + row * 0.4)], "#56B48F", 4)
    for cx, cy in ((left + 20, y - 44), (left + 20, y + 46), (left + 176, y - 44), (left + 176, y + 46)):
        canvas.disc(cx, cy, 9, "#BFE3D4")
        canvas.disc(cx, cy, 4, BOARD)
    canvas.rect(x - 50, y - 32, 100, 64, INK, 8)
    canvas.text(x, y, part, 32, GLOW)

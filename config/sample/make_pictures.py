"""Draw the sample company's pictures: `python config/sample/make_pictures.py`. Equal code, equal pictures."""

import math
from collections.abc import Callable
from pathlib import Path

from canvas import GLOW, INK, Canvas, lens

HERE = Path(__file__).parent
WIDTH, HEIGHT, FLOOR = 1200, 675, 560

Scene = Callable[[Canvas], tuple[str, tuple[float, float]]]
SCENES: dict[str, tuple[str, str, Scene]] = {}


def scene(name: str, wall: str, floor: str) -> Callable[[Scene], Scene]:
    """Register a drawing; it returns the part to show in the lens and where that part sits."""

    def keep(draw: Scene) -> Scene:
        SCENES[name] = (wall, floor, draw)
        return draw

    return keep


def shadow(c: Canvas, x: float, y: float, half: float) -> None:
    c.oval(x, y, half, 16, "#00000022")


@scene("television", "#DCEBF7", "#C3D6E6")
def television(c: Canvas) -> tuple[str, tuple[float, float]]:
    shadow(c, 440, 592, 300)
    c.rect(90, 520, 700, 66, "#A9744F", 8)
    c.rect(90, 520, 700, 14, "#BD8660", 7)
    c.poly([(300, 520), (340, 478), (360, 478), (330, 520)], INK)
    c.poly([(580, 520), (540, 478), (520, 478), (550, 520)], INK)
    c.rect(110, 90, 660, 394, INK, 16)
    c.rect(124, 104, 632, 358, "#F7B267", 6)
    c.rect(124, 104, 632, 120, "#F79D65", 6)
    c.disc(440, 300, 96, "#FFE8A3")
    c.poly([(124, 462), (124, 350), (250, 262), (380, 380), (450, 330), (600, 462)], "#6D597A")
    c.poly([(330, 462), (520, 310), (640, 390), (756, 320), (756, 462)], "#4B3F63")
    c.rect(124, 420, 632, 42, "#355070", 6)
    for x in (200, 330, 470, 620):
        c.line([(x, 440), (x + 60, 440)], "#F7B267", 5)
    return "PB-7", (640, 474)


@scene("e-bike", "#E3F1E4", "#BFDCC0")
def e_bike(c: Canvas) -> tuple[str, tuple[float, float]]:
    shadow(c, 455, 585, 370)
    for x in (230, 680):
        c.ring(x, 440, 140, INK, 15)
        c.ring(x, 440, 124, "#9DB4A0", 4)
        for spoke in range(10):
            turn = math.pi * spoke / 5
            c.line([(x, 440), (x + 122 * math.cos(turn), 440 + 122 * math.sin(turn))], "#9DB4A0", 2)
        c.disc(x, 440, 16, INK)
    c.line([(230, 440), (430, 450), (340, 250), (230, 440)], "#D1495B", 16)
    c.line([(345, 262), (600, 240)], "#D1495B", 16)
    c.line([(430, 450), (606, 250)], "#D1495B", 34)
    c.line([(466, 408), (574, 286)], INK, 20)
    c.line([(680, 440), (598, 210), (590, 176)], "#A63446", 16)
    c.line([(590, 176), (640, 160), (672, 178)], INK, 13)
    c.line([(340, 250), (326, 206)], INK, 12)
    c.line([(282, 198), (372, 202)], INK, 24)
    c.disc(436, 452, 50, INK)
    c.disc(436, 452, 34, "#56657A")
    c.line([(436, 452), (478, 514)], "#8794A5", 10)
    c.line([(460, 518), (500, 514)], INK, 14)
    c.line([(598, 212), (622, 212)], INK, 8)
    c.rect(618, 198, 32, 28, GLOW, 8)
    return "DR-2", (444, 446)


@scene("hospital-monitor", "#E0F2F1", "#B9DAD8")
def hospital_monitor(c: Canvas) -> tuple[str, tuple[float, float]]:
    shadow(c, 430, 590, 200)
    c.rect(416, 420, 28, 160, "#8FA3AD", 6)
    c.rect(300, 570, 260, 20, "#5F7480", 10)
    c.rect(130, 90, 600, 350, "#F4F8F9", 26)
    c.rect(160, 118, 430, 294, "#10242C", 12)
    c.rect(612, 130, 92, 60, "#CFDDE2", 10)
    c.rect(612, 206, 92, 60, "#CFDDE2", 10)
    c.disc(658, 336, 40, "#2A9D8F")
    c.disc(658, 336, 26, "#BFE6E1")
    beat = [(180, 200), (240, 200), (256, 180), (272, 200), (300, 200), (316, 140), (336, 246), (352, 200), (440, 200)]
    c.line(beat, "#52E3A4", 6)
    c.line([(x, 300 - 22 * math.sin(x / 24)) for x in range(180, 446, 6)], "#5BC0EB", 6)
    c.line([(x, 370 - 12 * abs(math.sin(x / 34))) for x in range(180, 446, 6)], "#FFD166", 6)
    c.text(520, 196, "72", 62, "#52E3A4")
    c.text(520, 290, "98", 62, "#5BC0EB")
    c.text(520, 370, "16", 46, "#FFD166")
    c.line([(140, 380), (80, 420), (76, 500), (130, 540)], "#5F7480", 9)
    c.rect(118, 522, 74, 34, "#2A9D8F", 12)
    return "DC-9", (596, 402)


@scene("coffee-machine", "#F6E7D8", "#DDBF9F")
def coffee_machine(c: Canvas) -> tuple[str, tuple[float, float]]:
    shadow(c, 430, 590, 300)
    c.rect(160, 120, 540, 120, "#C8553D", 24)
    c.rect(190, 90, 480, 40, "#9E3F2C", 10)
    for x in (230, 310, 390):
        c.rect(x, 56, 62, 40, "#FFFFFF", 10)
        c.ring(x + 66, 74, 14, "#FFFFFF", 6)
    c.rect(190, 230, 480, 250, "#E9E4DE", 8)
    c.rect(190, 230, 480, 60, "#D4CCC3", 0)
    c.rect(160, 480, 540, 100, "#C8553D", 18)
    c.rect(220, 478, 420, 18, INK, 6)
    c.disc(250, 180, 34, "#FFF8F0")
    c.line([(250, 180), (266, 160)], "#C8553D", 6)
    for x in (520, 580, 640):
        c.disc(x, 180, 15, "#FFF8F0")
    for x in (320, 540):
        c.rect(x - 52, 288, 104, 30, INK, 8)
        c.line([(x, 310), (x + 90, 326)], INK, 18)
        c.rect(x - 14, 316, 28, 22, "#5C4A3D", 5)
        c.line([(x, 340), (x, 404)], "#6F3F1D", 7)
        c.rect(x - 46, 404, 92, 72, "#FFFFFF", 16)
        c.ring(x + 56, 436, 22, "#FFFFFF", 8)
        c.rect(x - 46, 404, 92, 14, "#6F3F1D", 6)
    return "HC-1", (660, 262)


@scene("tractor", "#FBEFC9", "#C7B15A")
def tractor(c: Canvas) -> tuple[str, tuple[float, float]]:
    c.disc(120, 130, 60, "#FFD166")
    for y in (572, 610, 648):
        c.line([(0, y), (1200, y - 6)], "#A8923F", 8)
    c.rect(420, 290, 330, 150, "#2E8B57", 22)
    c.rect(420, 290, 330, 34, "#3CA66B", 16)
    c.rect(690, 330, 62, 84, "#1F6B41", 10)
    for y in (344, 364, 384):
        c.line([(700, y), (742, y)], "#7CC49A", 5)
    c.rect(600, 190, 22, 106, INK, 6)
    c.rect(592, 178, 38, 20, INK, 8)
    c.poly([(190, 410), (220, 130), (440, 130), (470, 300), (470, 410)], "#2E8B57")
    c.poly([(240, 300), (252, 162), (416, 162), (440, 300)], "#D6F0F5")
    c.rect(190, 112, 280, 32, "#1F6B41", 12)
    c.disc(330, 238, 30, "#E8B98E")
    c.rect(304, 262, 52, 44, "#D1495B", 14)
    c.rect(302, 202, 60, 18, "#C8553D", 8)
    c.disc(250, 440, 140, INK)
    for tooth in range(18):
        turn = math.tau * tooth / 18
        c.disc(250 + 138 * math.cos(turn), 440 + 138 * math.sin(turn), 13, INK)
    c.disc(250, 440, 84, "#FFC857")
    c.disc(250, 440, 28, INK)
    c.disc(650, 498, 84, INK)
    c.disc(650, 498, 48, "#FFC857")
    c.disc(650, 498, 16, INK)
    return "DR-2", (520, 372)


@scene("solar-inverter", "#D9EEFB", "#B7D3A8")
def solar_inverter(c: Canvas) -> tuple[str, tuple[float, float]]:
    c.disc(120, 110, 62, "#FFD166")
    for ray in range(12):
        turn = math.tau * ray / 12
        near, far = 80, 104
        c.line(
            [(120 + r * math.cos(turn), 110 + r * math.sin(turn)) for r in (near, far)],
            "#FFD166",
            8,
        )
    shadow(c, 460, 590, 360)
    c.rect(170, 320, 580, 266, "#FFF8EC")
    c.poly([(110, 330), (260, 130), (660, 130), (810, 330)], "#B5533C")
    c.poly([(214, 306), (316, 160), (606, 160), (708, 306)], "#1D3557")
    for part in (1, 2, 3, 4):
        top, bottom = 316 + 58 * part, 214 + 98.8 * part
        c.line([(top, 160), (bottom, 306)], "#7FA6C9", 4)
    for row in (0.33, 0.66):
        c.line([(316 - 102 * row, 160 + 146 * row), (606 + 102 * row, 160 + 146 * row)], "#7FA6C9", 4)
    c.rect(250, 400, 110, 186, "#8C5A3C", 6)
    c.disc(340, 498, 8, GLOW)
    c.rect(420, 390, 120, 110, "#BFE0F2", 6)
    c.line([(480, 390), (480, 500)], "#FFF8EC", 8)
    c.line([(420, 445), (540, 445)], "#FFF8EC", 8)
    c.rect(600, 384, 96, 136, "#8FA3AD", 12)
    c.rect(616, 402, 64, 34, "#10242C", 5)
    c.line([(624, 424), (640, 412), (652, 426), (672, 410)], "#52E3A4", 4)
    c.line([(648, 384), (648, 340)], INK, 8)
    return "IV-6", (648, 480)


@scene("lift", "#ECE6F5", "#CFC3E3")
def lift(c: Canvas) -> tuple[str, tuple[float, float]]:
    c.rect(210, 60, 460, 524, "#7A6A99", 10)
    c.rect(250, 150, 380, 434, "#4B3F63")
    c.rect(290, 160, 300, 424, "#F3EAD3")
    c.rect(290, 160, 300, 60, "#FFF6DD")
    c.rect(250, 150, 90, 434, "#B9C2CC")
    c.rect(540, 150, 90, 434, "#B9C2CC")
    c.line([(338, 152), (338, 582)], "#8E99A6", 5)
    c.line([(542, 152), (542, 582)], "#8E99A6", 5)
    c.rect(360, 84, 160, 46, INK, 10)
    c.text(462, 106, "12", 34, GLOW)
    c.poly([(396, 118), (412, 94), (428, 118)], GLOW)
    c.disc(410, 330, 32, "#A66E4E")
    c.arc(410, 326, 34, 180, 360, INK, 14)
    c.rect(372, 366, 78, 130, "#2A9D8F", 26)
    c.rect(384, 480, 24, 98, INK, 8)
    c.rect(416, 480, 24, 98, INK, 8)
    c.disc(496, 414, 24, "#E8B98E")
    c.rect(468, 442, 56, 84, "#F4A261", 20)
    c.rect(476, 516, 18, 62, "#355070", 6)
    c.rect(500, 516, 18, 62, "#355070", 6)
    c.rect(700, 320, 44, 96, INK, 12)
    c.disc(722, 346, 12, GLOW)
    c.disc(722, 386, 12, "#8E99A6")
    c.rect(800, 470, 90, 110, "#B5533C", 14)
    for x, top in ((815, 400), (845, 366), (875, 396)):
        c.line([(845, 470), (x, top)], "#2E8B57", 16)
    return "IV-6", (600, 108)


@scene("hearing-aid", "#FBE6E4", "#EBC4BF")
def hearing_aid(c: Canvas) -> tuple[str, tuple[float, float]]:
    c.disc(400, 320, 250, "#F6D5CF")
    c.arc(390, 270, 190, 170, 410, "#E3A587", 120)
    c.line([(520, 360), (450, 440), (440, 500)], "#E3A587", 110)
    c.arc(390, 274, 130, 190, 400, "#CF8E70", 22)
    c.line([(480, 356), (424, 418)], "#CF8E70", 22)
    c.arc(420, 250, 272, 270, 372, "#DDE6EC", 16)
    c.line([(428, -14), (430, -12)], "#DDE6EC", 2)
    c.line([(676, 292), (664, 360), (628, 430)], "#5F7480", 78)
    c.line([(676, 292), (664, 360), (628, 430)], "#8FA9B8", 58)
    c.disc(668, 320, 13, "#5F7480")
    c.rect(648, 350, 32, 58, "#B8CCD6", 14)
    c.line([(420, -12), (400, 20), (396, 260)], "#DDE6EC", 12)
    c.disc(396, 290, 36, "#5F7480")
    c.disc(396, 290, 24, "#8FA9B8")
    return "AX-5", (642, 412)


@scene("oven", "#FFF0DC", "#E6C79B")
def oven(c: Canvas) -> tuple[str, tuple[float, float]]:
    shadow(c, 440, 592, 320)
    c.rect(130, 110, 620, 476, "#4A5C6A", 20)
    c.rect(130, 110, 620, 96, "#5F7480", 20)
    for x in (200, 280, 600, 680):
        c.disc(x, 158, 28, "#F4F8F9")
        c.line([(x, 158), (x + 12, 138)], "#4A5C6A", 6)
    c.rect(352, 130, 176, 56, "#10242C", 8)
    c.text(440, 156, "230°", 36, "#FF9F5A")
    c.rect(176, 246, 528, 300, INK, 18)
    c.rect(200, 268, 480, 256, "#C8553D", 10)
    c.oval(440, 400, 236, 120, "#E76F51")
    c.oval(440, 410, 190, 88, "#F4A261")
    c.rect(200, 470, 480, 8, INK)
    for x in (300, 440, 580):
        c.oval(x, 436, 66, 42, "#8A4B20")
        c.oval(x, 428, 62, 36, "#C98442")
        for cut in (-26, 0, 26):
            c.line([(x + cut - 7, 418), (x + cut + 7, 436)], "#F0CFA0", 6)
    c.rect(220, 226, 440, 16, "#DDE6EC", 8)
    return "HC-1", (520, 196)


@scene("train-display", "#E4E9F2", "#AEB9CC")
def train_display(c: Canvas) -> tuple[str, tuple[float, float]]:
    c.line([(260, 0), (260, 90)], "#5F7480", 14)
    c.line([(640, 0), (640, 90)], "#5F7480", 14)
    c.rect(120, 80, 660, 226, INK, 18)
    rows = [("1", "Retiro", "3 min"), ("2", "Salta", "9 min"), ("4", "Rosario", "14 min")]
    for row, (track, place, wait) in enumerate(rows):
        y = 124 + row * 68
        c.rect(140, y - 26, 620, 56, "#2D3E50", 8)
        c.disc(176, y + 2, 20, GLOW)
        c.text(176, y, track, 26, INK)
        c.text(360, y, place, 36, "#FFD166")
        c.text(680, y, wait, 32, "#FFD166")
    c.rect(0, 370, 760, 190, "#D1495B")
    c.poly([(760, 370), (840, 370), (920, 470), (930, 560), (760, 560)], "#D1495B")
    c.poly([(780, 392), (832, 392), (886, 462), (780, 462)], "#CFE8F3")
    for x in (40, 200, 360, 520):
        c.rect(x, 400, 120, 74, "#CFE8F3", 12)
    c.rect(670, 396, 74, 164, "#A63446", 8)
    c.rect(684, 410, 46, 66, "#CFE8F3", 8)
    c.rect(0, 500, 924, 16, "#FFFFFF")
    c.rect(0, 560, 1200, 20, "#FFD166")
    return "DC-9", (752, 286)


@scene("water-pump", "#D8F0F2", "#A9C77E")
def water_pump(c: Canvas) -> tuple[str, tuple[float, float]]:
    c.disc(110, 110, 56, "#FFD166")
    for x in (690, 760, 830, 900):
        c.line([(x, 560), (x, 500)], "#6A994E", 7)
        c.line([(x, 530), (x - 20, 508)], "#6A994E", 7)
        c.line([(x, 520), (x + 20, 496)], "#6A994E", 7)
    shadow(c, 430, 586, 290)
    c.rect(180, 520, 300, 64, "#B8A88A", 10)
    c.rect(230, 300, 190, 224, "#2774AE", 26)
    c.rect(230, 300, 190, 44, "#3A8FCB", 22)
    for y in (380, 410, 440):
        c.line([(256, y), (394, y)], "#174F7A", 8)
    c.line([(325, 300), (325, 230), (560, 230), (560, 300)], "#8FA3AD", 34)
    c.rect(534, 292, 52, 24, "#5F7480", 6)
    c.poly([(546, 316), (574, 316), (582, 490), (538, 490)], "#7CCBEA")
    c.poly([(490, 440), (634, 440), (614, 584), (510, 584)], "#E9C46A")
    c.oval(562, 442, 72, 18, "#7CCBEA")
    c.arc(562, 440, 74, 200, 340, "#8C5A3C", 7)
    c.line([(90, 400), (90, 580)], "#5F7480", 12)
    c.poly([(20, 400), (50, 270), (150, 270), (190, 400)], "#1D3557")
    c.line([(100, 270), (105, 400)], "#7FA6C9", 4)
    c.line([(35, 335), (170, 335)], "#7FA6C9", 4)
    c.line([(150, 395), (232, 440)], INK, 6)
    return "SN-4", (440, 230)


@scene("ceiling-fan", "#FFF1E0", "#DDA96B")
def ceiling_fan(c: Canvas) -> tuple[str, tuple[float, float]]:
    c.rect(0, 0, 1200, 36, "#F4D9B8")
    c.rect(420, 30, 28, 150, "#7A5C42", 6)
    c.rect(392, 26, 84, 26, "#5E4632", 10)
    for end, tip in (((110, 190), 24), ((760, 190), 24), ((270, 270), 20), ((600, 270), 20)):
        c.line([(434, 206), end], "#8C5A3C", 40 + tip)
        c.line([(434, 206), end], "#A9744F", 24 + tip)
    c.oval(434, 206, 80, 46, "#5E4632")
    c.oval(434, 220, 44, 26, "#FFF3CF")
    c.rect(90, 340, 150, 160, "#BFE0F2", 8)
    c.frame(84, 334, 162, 172, "#FFFFFF", 10, 8)
    c.line([(165, 340), (165, 500)], "#FFFFFF", 8)
    c.rect(330, 470, 380, 90, "#2A9D8F", 26)
    c.rect(310, 420, 420, 90, "#3DB5A6", 26)
    c.rect(290, 450, 60, 120, "#238679", 20)
    c.rect(690, 450, 60, 120, "#238679", 20)
    c.disc(470, 380, 34, "#A66E4E")
    c.arc(470, 376, 36, 170, 370, INK, 16)
    c.rect(430, 412, 84, 80, "#F4A261", 24)
    c.rect(500, 430, 70, 48, "#FFFFFF", 4)
    c.line([(535, 432), (535, 476)], "#C9D2DA", 3)
    return "DR-2", (484, 190)


@scene("vending-machine", "#E8F3EC", "#B9CEC0")
def vending_machine(c: Canvas) -> tuple[str, tuple[float, float]]:
    shadow(c, 430, 592, 230)
    c.rect(220, 60, 420, 524, "#D1495B", 18)
    c.rect(220, 60, 420, 56, "#A63446", 18)
    c.rect(246, 132, 270, 330, "#EAF6FB", 8)
    tints = ["#2A9D8F", "#F4A261", "#457B9D", "#E9C46A", "#8AB17D", "#E76F51"]
    for row in range(4):
        c.rect(246, 204 + row * 82, 270, 10, "#9FB4BF")
        for place in range(5):
            x = 262 + place * 50
            c.rect(x, 150 + row * 82, 34, 54, tints[(row * 2 + place) % 6], 8)
            c.rect(x + 8, 142 + row * 82, 18, 12, INK, 4)
    c.rect(540, 150, 76, 40, "#10242C", 6)
    c.text(578, 168, "120", 24, "#52E3A4")
    for row in range(3):
        for place in range(3):
            c.disc(552 + place * 26, 220 + row * 28, 9, "#FFE3E0")
    c.rect(546, 320, 64, 12, INK, 5)
    c.rect(260, 490, 250, 64, INK, 10)
    c.rect(330, 500, 60, 34, "#F4A261", 8)
    c.poly([(720, 584), (736, 480), (800, 480), (816, 584)], "#8C5A3C")
    for x, y in ((730, 400), (768, 366), (806, 404), (768, 430)):
        c.disc(x, y, 44, "#6A994E")
    return "PB-7", (592, 420)


@scene("repair-desk", "#E9EDF8", "#B9926B")
def repair_desk(c: Canvas) -> tuple[str, tuple[float, float]]:
    c.rect(60, 60, 520, 190, "#D3DBEE", 12)
    for x, tint in ((100, "#D1495B"), (180, "#2A9D8F"), (260, "#E9C46A")):
        c.rect(x, 90, 26, 54, tint, 8)
        c.rect(x + 9, 140, 8, 74, "#8794A5", 3)
    c.ring(380, 140, 34, "#8794A5", 14)
    c.line([(396, 164), (440, 214)], "#8794A5", 16)
    c.ring(510, 140, 40, INK, 6)
    c.line([(510, 140), (510, 112)], INK, 5)
    c.line([(510, 140), (532, 148)], INK, 5)
    c.rect(40, 470, 820, 36, "#8C5A3C", 8)
    c.rect(90, 500, 40, 170, "#6E452C")
    c.rect(770, 500, 40, 170, "#6E452C")
    c.rect(120, 440, 70, 30, INK, 8)
    c.line([(154, 440), (110, 320), (230, 250)], INK, 12)
    c.poly([(210, 230), (290, 262), (240, 320), (180, 280)], "#2A9D8F")
    c.poly([(240, 318), (282, 266), (470, 470), (290, 470)], "#FFF3CF")
    c.rect(300, 400, 260, 70, "#1E7A5A", 8)
    for x in (324, 376, 428, 480):
        c.rect(x, 418, 34, 30, INK, 5)
    c.disc(690, 300, 46, "#A66E4E")
    c.arc(690, 294, 50, 170, 370, INK, 22)
    c.rect(628, 344, 124, 128, "#355070", 34)
    c.line([(640, 390), (580, 440), (540, 420)], "#355070", 32)
    c.line([(546, 420), (500, 388)], "#8794A5", 9)
    return "SV-1", (520, 420)


@scene("order", "#E6EEF7", "#AEB9CC")
def order(c: Canvas) -> tuple[str, tuple[float, float]]:
    shadow(c, 440, 592, 390)
    c.rect(90, 200, 500, 310, "#F4F8F9", 14)
    c.rect(90, 200, 500, 44, "#2A9D8F", 14)
    c.rect(110, 250, 230, 240, "#D3DBE3", 6)
    for x, y in ((124, 400), (222, 400), (124, 310)):
        c.rect(x, y, 90, 84, "#C98F5A", 6)
        c.rect(x + 36, y, 18, 84, "#E3BC8E")
    c.poly([(600, 290), (700, 290), (790, 390), (800, 510), (600, 510)], "#2A9D8F")
    c.poly([(624, 312), (692, 312), (752, 384), (624, 384)], "#CFE8F3")
    c.rect(80, 500, 730, 28, INK, 8)
    for x in (210, 330, 690):
        c.disc(x, 532, 56, INK)
        c.disc(x, 532, 26, "#C9D2DA")
    c.rect(786, 450, 24, 32, GLOW, 6)
    return "NEW", (268, 360)


@scene("trend", "#EFEAF7", "#CFC3E3")
def trend(c: Canvas) -> tuple[str, tuple[float, float]]:
    c.rect(90, 80, 700, 470, "#FFFFFF", 24)
    for y in (170, 260, 350, 440):
        c.line([(140, y), (740, y)], "#E4DFF0", 4)
    heights = [90, 130, 120, 190, 240, 310]
    tints = ["#BFB3DB", "#A797CF", "#A797CF", "#8E7BC0", "#7563AD", "#5B4A96"]
    for place, (height, tint) in enumerate(zip(heights, tints, strict=True)):
        c.rect(150 + place * 98, 500 - height, 66, height, tint, 10)
    path = [(184 + place * 98, 470 - height) for place, height in enumerate(heights)]
    c.line(path, "#E76F51", 10)
    for x, y in path:
        c.disc(x, y, 14, "#FFFFFF")
        c.disc(x, y, 9, "#E76F51")
    return "NEXT", path[-1]


LOGOS: dict[str, tuple[str, str]] = {
    "orion": ("#1D3557", "O"),
    "halden": ("#D1495B", "H"),
    "sankt-elin": ("#2A9D8F", "S"),
    "brisalba": ("#8C4A2F", "B"),
    "campoforte": ("#2E8B57", "C"),
    "solanta": ("#E08E1B", "S"),
    "alturis": ("#6D597A", "A"),
    "hoerwinkel": ("#B5536B", "H"),
    "fournelle": ("#C8553D", "F"),
    "trenvista": ("#355070", "T"),
    "nirmaljal": ("#2774AE", "N"),
    "pavanika": ("#3D8B7D", "P"),
    "kestrelane": ("#4A5C6A", "K"),
    "omorido": ("#A63446", "M"),
}


def logo(name: str, color: str, letter: str) -> Canvas:
    """A badge whose petals differ from customer to customer, so that two with one letter are told apart."""
    c = Canvas(256, 256, None)
    petals = 3 + list(LOGOS).index(name) % 6
    c.rect(8, 8, 240, 240, color, 56)
    for petal in range(petals):
        turn = math.tau * petal / petals - math.pi / 2
        c.disc(128 + 66 * math.cos(turn), 128 + 66 * math.sin(turn), 34, "#FFFFFF")
    c.disc(128, 128, 76, "#FFFFFF")
    c.text(128, 126, letter, 96, color)
    return c


def main() -> None:
    for name, (wall, floor, draw) in SCENES.items():
        c = Canvas(WIDTH, HEIGHT, wall)
        c.rect(0, FLOOR, WIDTH, HEIGHT - FLOOR, floor)
        part, at = draw(c)
        lens(c, part, at)
        c.save(HERE / "pictures" / f"{name}.png")
    for name, (color, letter) in LOGOS.items():
        logo(name, color, letter).save(HERE / "logos" / f"{name}.png")


if __name__ == "__main__":
    main()

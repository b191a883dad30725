"""Scenes indoors: rooms where people learn, compare and decide."""

from __future__ import annotations

import math

from drawing.kit import Camera, Canvas, Point, scatter, seated, standing


def figures_wall() -> Canvas:
    """Three people stand before a wall of light on which bars grow from left to right."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #081826, .62 #10344a, .78 #0d2a3c, .785 #173f55, 1 #050e16")
    c.poly([(0, 0), (1800, 0), (1560, 120), (240, 120)], c.linear("0 #030a10, 1 #123246"))
    for n in range(5):
        c.line([(420 + n * 240, 120), (170 + n * 365, 0)], "#9fd8e8", 4, opacity=0.35)
    c.rect(240, 120, 1320, 815, c.linear("0 #0f3348, .6 #1b5a72, 1 #2a7d90"))
    for n in range(8):
        c.line([(240, 820 - n * 90), (1560, 820 - n * 90)], "#bff0f4", 1.5, opacity=0.18)
    bars = (0.22, 0.3, 0.27, 0.4, 0.46, 0.58, 0.55, 0.7, 0.86)
    for n, value in enumerate(bars):
        x, tall = 310 + n * 136, value * 760
        last = n == len(bars) - 1
        lit, low = ("#ffe3a0", "#f2963c") if last else ("#9ff0e6", "#2c93a4")
        c.rect(x - 16, 860 - tall - 16, 116, tall + 20, lit, opacity=0.4, filter=c.blur(24))
        c.rect(x, 860 - tall, 84, tall, c.linear(f"0 {lit}, 1 {low}"), rx=6)
        c.rect(x, 860 - tall, 14, tall, "#fff", opacity=0.22, rx=6)
        c.rect(x, 935, 84, 150 * value, c.linear(f"0 {low} .55, 1 {low} 0"), filter=c.blur(7))
    trend: list[Point] = [(352 + n * 136, 860 - value * 760 - 60) for n, value in enumerate(bars)]
    c.line(trend, "#fff6dc", 12, opacity=0.35, filter=c.blur(8))
    c.line(trend, "#fff6dc", 4, opacity=0.9)
    for x, y in trend:
        c.oval(x, y, 11, 11, "#0f3c50")
        c.add("circle", cx=x, cy=y, r=11, fill="none", stroke="#fff6dc", stroke_width=5)
    c.glow(1440, 420, 700, "#ffd48a", 0.5)
    c.glow(800, 560, 900, "#7fe6ea", 0.4)
    c.rect(0, 935, 1800, 265, c.linear("0 #3c8a9c .45, .4 #0f2c3c .7, 1 #050d14"))
    people = ((640, 620, "#1b2f44", "#2a1b12"), (900, 668, "#5a2f35", "#15100e"), (1118, 600, "#26384a", "#6d4a26"))
    for x, tall, coat, hair in people:
        c.path(f"M{x - 60},1120 L{x + 60},1120 L{x + 30},1200 L{x - 150},1200Z", "#02070b", opacity=0.7, filter=c.blur(12))
        standing(c, x, 1130, tall, coat, "#0c141d", hair, "#8fe6ea")
    return c


def laptop_module() -> Canvas:
    """A laptop shows an online module on batteries; evening light and a harbour blur behind the window."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #6fa3bd, .3 #f0cfa4, .46 #ffe0ac, .5 #c98f60, 1 #2a1a12")
    with c.group(filter=c.blur(26)):
        c.glow(1380, 300, 520, "#fff0c4", 1)
        for n in range(16):
            tall = 90 + 220 * scatter(n, 1)
            c.rect(n * 118 - 30, 560 - tall, 104, tall, ("#b9836a", "#d9a884", "#8f7480", "#e8c39a")[n % 4], opacity=0.9)
        c.rect(0, 520, 1800, 90, "#6f9aa6")
    for n in range(30):
        c.oval(scatter(n, 2) * 1800, 330 + 260 * scatter(n, 3), 16 + 22 * scatter(n, 4), 16 + 22 * scatter(n, 4), "#ffe9b8", opacity=0.22)
    for x in (250, 1560):
        c.rect(x, 0, 26, 650, c.linear("0 #3a2a22, .3 #8a6a50, 1 #2a1d16", x2=1, y2=0))
    c.rect(0, 640, 1800, 560, c.linear("0 #e0a86e, .1 #b5763f, .6 #6d3f1f, 1 #2a150a"))
    for n in range(26):
        y = 652 + n * n * 0.86
        c.path(f"M0,{y:.0f} C500,{y - 8 + 14 * scatter(n, 5):.0f} 1200,{y + 10 * scatter(n, 6):.0f} 1800,{y - 6:.0f}", stroke="#4a260f",
               stroke_width=1 + n * 0.1, opacity=0.22)  # fmt: skip
    c.path("M380,960 L1420,960 L1700,1130 L1800,1200 L700,1200Z", "#1a0b04", opacity=0.55, filter=c.blur(22))
    c.poly([(452, 150), (1348, 150), (1372, 788), (428, 788)], c.linear("0 #d6dade, 1 #8c9299"))
    c.poly([(462, 160), (1338, 160), (1360, 776), (440, 776)], "#0b0f14")
    c.poly([(480, 182), (1320, 182), (1340, 752), (460, 752)], c.linear("0 #f7fbfc, 1 #dfeaee"))
    _module_page(c)
    c.poly([(480, 182), (860, 182), (640, 752), (460, 752)], c.linear("0 #fff .4, 1 #fff 0", x2=1, y2=0.2))
    c.poly([(428, 788), (1372, 788), (1470, 972), (330, 972)], c.linear("0 #b9bfc5, .5 #d9dde1, 1 #a2a8af"))
    c.path("M330,972 L1470,972 L1462,994 C1456,1000 344,1000 338,994Z", c.linear("0 #eef1f3, 1 #6c737a"))
    for row in range(5):
        y = 804 + row * 21
        inset = row * 11
        for key in range(14):
            left = 482 - inset + key * (836 + 2 * inset) / 14
            c.rect(left, y, (836 + 2 * inset) / 14 - 7, 15, "#2b3036", rx=3)
    c.path("M740,918 L1060,918 L1076,964 L724,964Z", "#c4c9ce", stroke="#8f959c", stroke_width=2)
    _cup(c, 1560, 800)
    _notebook(c)
    with c.group(filter=c.blur(9)):
        for n in range(9):
            a = -2.2 + n * 0.28
            c.path(f"M40,760 Q{40 + 170 * math.cos(a):.0f},{700 + 200 * math.sin(a):.0f} {40 + 270 * math.cos(a):.0f},{720 + 330 * math.sin(a):.0f} "
                   f"Q{90 + 180 * math.cos(a):.0f},{760 + 180 * math.sin(a):.0f} 40,760Z", ("#2f5a36", "#477a44", "#1f4029")[n % 3])  # fmt: skip
        c.path("M-60,760 L150,760 L120,980 L-40,980Z", c.linear("0 #d98a5a, 1 #6d3315", x2=1, y2=0))
    return c


def _module_page(c: Canvas) -> None:
    c.rect(482, 184, 838, 44, "#0f4c6b")
    for n in range(3):
        c.rect(520 + n * 90, 200, 62, 10, "#fff", rx=5, opacity=0.85 - n * 0.2)
    c.rect(1216, 196, 84, 20, "#ffc44d", rx=10)
    c.rect(510, 256, 520, 330, c.linear("0 #143a4f, 1 #0b2230"), rx=12)

    def at(x: float, y: float, z: float) -> Point:
        return 620 + x * 32 + y * 22, 512 + x * 8 - y * 13 - z * 30

    for lift, lit, own, dark in ((0.0, "#8fb3c2", "#4f7789", "#2a4a59"), (1.7, "#8ff0dc", "#2fae9a", "#156a5e"), (4.6, "#e8eef0", "#b4c1c7", "#74848b")):
        cells = range(8) if lift == 1.7 else range(1)
        for n in cells:
            x, w, h = (n, 0.86, 1.7) if lift == 1.7 else (-0.3, 8.6, 0.35)
            a, b, d, e = at(x, 0, lift), at(x + w, 0, lift), at(x + w, 0, lift + h), at(x, 0, lift + h)
            f, g, k = at(x + w, 6, lift + h), at(x, 6, lift + h), at(x + w, 6, lift)
            c.poly([a, b, d, e], own)
            c.poly([b, k, f, d], dark)
            c.poly([e, d, f, g], lit)
    c.line([at(-0.3, 0, 0.4), at(-0.3, 0, 4.6)], "#fff", 2, stroke_dasharray="6 6", opacity=0.7)
    c.line([at(8.3, 6, 0.4), at(8.3, 6, 4.6)], "#fff", 2, stroke_dasharray="6 6", opacity=0.7)
    c.rect(510, 612, 520, 8, "#b9cdd6", rx=4)
    c.rect(510, 612, 330, 8, "#ff9a3c", rx=4)
    c.oval(840, 616, 11, 11, "#ff9a3c")
    for n in range(3):
        c.rect(510, 646 + n * 26, 480 - n * 90, 12, "#9fb4bf", rx=6)
    for n in range(5):
        y = 262 + n * 92
        c.rect(1060, y, 244, 74, "#fff" if n != 2 else "#e3f6ef", rx=10)
        c.oval(1094, y + 37, 18, 18, "#2fae9a" if n < 3 else "#cfdde3")
        if n < 3:
            c.line([(1085, y + 37), (1092, y + 45), (1104, y + 29)], "#fff", 5)
        c.rect(1126, y + 22, 150 - 20 * (n % 2), 11, "#3b5866", rx=5)
        c.rect(1126, y + 44, 96, 9, "#a9bdc6", rx=4)


def _cup(c: Canvas, x: float, y: float) -> None:
    c.oval(x + 70, y + 196, 170, 26, "#1a0b04", opacity=0.55, filter=c.blur(12))
    c.oval(x + 20, y + 186, 132, 30, c.linear("0 #fff, 1 #b5a596"))
    c.path(f"M{x + 96},{y + 60} C{x + 170},{y + 40} {x + 170},{y + 140} {x + 84},{y + 136}", stroke="#e3d8cc", stroke_width=18)
    c.path(f"M{x - 84},{y} C{x - 84},{y + 130} {x - 50},{y + 186} {x + 20},{y + 186} C{x + 90},{y + 186} {x + 120},{y + 130} {x + 120},{y}Z",
           c.linear("0 #fff, .55 #efe6dc, 1 #a08f80", x2=1, y2=0))  # fmt: skip
    c.oval(x + 18, y, 102, 26, "#e3d8cc")
    c.oval(x + 18, y + 3, 92, 21, c.linear("0 #6d3d1c, 1 #2a1206"))
    for n in range(3):
        c.path(f"M{x - 10 + n * 28},{y - 20} q-26,-50 4,-96 t2,-90", stroke="#fff", stroke_width=12, opacity=0.2, filter=c.blur(9))


def _notebook(c: Canvas) -> None:
    c.path("M60,1010 L330,1000 L250,1190 L-60,1200Z", "#000", opacity=0.4, filter=c.blur(10))
    c.path("M60,1000 L336,990 L262,1180 L-60,1192Z", c.linear("0 #fffaf0, 1 #d8c9b4"))
    for n in range(6):
        c.line([(58 - n * 16, 1024 + n * 26), (300 - n * 12, 1014 + n * 26)], "#b9a58c", 2, opacity=0.8)
    c.line([(150, 1150), (330, 1020)], "#1d4f78", 13)
    c.line([(330, 1020), (346, 1008)], "#ffc44d", 12)


def training_room() -> Canvas:
    """A class seen from behind looks at a diagram of a battery on the screen."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #d3c4ae, .5 #efe0c4, .68 #cdb492, 1 #4a3626")
    c.rect(0, 0, 1800, 90, c.linear("0 #b5a58f, 1 #e8dac2"))
    for n in range(3):
        left = 10 + n * 150
        slope = 34 - n * 10
        c.poly([(left, 130 - slope), (left + 118, 140 - slope + 14), (left + 118, 700), (left, 740 - n * 20)], c.linear("0 #cfeaf4, .6 #fff6dc, 1 #d9e4b8"))
        c.line([(left + 60, 130 - slope), (left + 60, 720)], "#8a7660", 6)
    c.glow(120, 360, 800, "#fff2cc", 0.7)
    c.rect(560, 110, 900, 520, "#2a2320", rx=10, opacity=0.35, filter=c.blur(18))
    c.rect(548, 92, 900, 520, "#20262b", rx=8)
    c.rect(562, 106, 872, 492, c.linear("0 #f6fbfc, 1 #d3e6ec"))
    _diagram(c)
    c.glow(1000, 350, 620, "#eafaff", 0.35)
    c.rect(1530, 190, 210, 250, c.linear("0 #f8f2e6, 1 #d8cab2"))
    for n in range(4):
        c.rect(1552, 214 + n * 54, 76, 40, ("#f2b544", "#3f9a8c", "#d9694a", "#4a7fa5")[n], rx=4)
        c.rect(1642, 222 + n * 54, 76, 8, "#a89a86", rx=4)
        c.rect(1642, 238 + n * 54, 54, 8, "#c2b5a2", rx=4)
    standing(c, 1500, 800, 520, "#2f5a6d", "#2a2c33", "#4a2c16", "#fff0cf")
    c.limb((1455, 420), 22, (1390, 500), 18, "#4f8398", "#1b3a48")
    c.limb((1390, 500), 17, (1420, 420), 13, "#4f8398", "#1b3a48")
    c.line([(1420, 420), (1290, 320)], "#5a3a22", 5)
    c.rect(0, 760, 1800, 440, c.linear("0 #a98a66, 1 #2a1c12"))
    rows = ((800, 62, 8, 0.0), (905, 86, 6, 0.4), (1075, 132, 5, 0.0))
    coats = ("#33506b", "#8a3f3a", "#3f6a5c", "#c08a3f", "#4a4560", "#28323c", "#7a5a76")
    hairs = ("#2a1a10", "#120d0b", "#6b4522", "#8f6a3a", "#3a2416", "#574a42")
    for r, (y, size, count, shift) in enumerate(rows):
        c.rect(0, y + size * 0.9, 1800, size * 0.34, c.linear("0 #f0d8b0, 1 #a57c4e"))
        c.rect(0, y + size * 1.24, 1800, size * 3, c.linear("0 #5a3f28, 1 #2a1b10"), opacity=0.9)
        for n in range(count):
            x = (n + 0.5 + shift * (n % 2) * 0.3 + 0.2 * (scatter(n, r) - 0.5)) * 1800 / count
            if r < 2 and n == count - 1:
                continue
            salt = int(scatter(n + r * 9, 7) * 40)
            seated(c, x, y + 8 * (scatter(n, r + 5) - 0.5), size, coats[salt % 7], hairs[salt % 6], "#ffe9c0", salt % 3)
    c.rect(0, 940, 1800, 260, c.linear("0 #120a05 0, 1 #120a05 .6"))
    return c


def _diagram(c: Canvas) -> None:
    c.rect(600, 140, 300, 20, "#12506b", rx=10)
    c.rect(600, 174, 200, 12, "#9fb9c4", rx=6)
    for n in range(8):
        x = 640 + n * 66
        c.rect(x, 270, 52, 200, c.linear("0 #4fc7b0, 1 #187566"), rx=8)
        c.rect(x + 16, 252, 20, 20, "#e08a44", rx=4)
        if n < 7:
            c.line([(x + 26, 250), (x + 92, 250)], "#e08a44", 9)
    c.rect(620, 484, 556, 18, "#6d8a96", rx=6)
    c.path("M640,240 C660,196 700,200 716,206 M1170,258 C1260,220 1280,300 1250,360 S1320,470 1380,440", stroke="#e2552c", stroke_width=6)
    for n in range(4):
        c.rect(1250, 170 + n * 34, 140 - n * 22, 14, "#a9c2cc", rx=7)
    c.oval(1330, 480, 56, 56, "#12506b")
    c.path("M1340,440 L1304,488 L1328,488 L1320,520 L1356,472 L1332,472Z", "#ffd25a")
    c.line([(620, 548), (1380, 548)], "#c3d8e0", 6)


def gallery_visit() -> Canvas:
    """Visitors on a gallery look down on a bright assembly hall."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #1a3444, .3 #4f8294, .42 #cfe6e2, .46 #f4f6ea, 1 #4a6d78")
    eye = Camera(900, 330, 900, 7.5)
    for n in range(14, 0, -1):
        z = 4 + n * 4.5
        c.line([eye(-16, 9.5, z), eye(16, 9.5, z)], "#1f4354", 200 / z, opacity=1 - n * 0.06)
        for x in (-12, -7, -2.5, 2.5, 7, 12):
            c.line([eye(x - 1.3, 9.3, z), eye(x + 1.3, 9.3, z)], "#ffffff", 150 / z)
        for x in (-16, 16):
            c.line([eye(x, 0, z), eye(x, 9.5, z)], "#2d5566", 260 / z, opacity=1 - n * 0.06)
    c.poly([eye(-40, 0, 8), eye(40, 0, 8), eye(40, 0, 160), eye(-40, 0, 160)], c.linear("0 #f2f4e8, .12 #b9d0d0, .5 #7ea3aa, 1 #3d606c"))
    for lane, tone in ((-10.5, "#f2b544"), (-4.5, "#f2b544"), (4.5, "#f2b544"), (10.5, "#f2b544")):
        c.poly([eye(lane - 0.1, 0, 8), eye(lane + 0.1, 0, 8), eye(lane + 0.1, 0, 120), eye(lane - 0.1, 0, 120)], tone, opacity=0.9)
    paints = ("#e2e9ea", "#5f97b5", "#c9503c", "#2f4450", "#e0a548", "#7fb59a")
    for lane in (-7.5, 0.0, 7.5):
        for n in range(12, 0, -1):
            _car_from_above(c, eye, lane, 6.5 + n * 5.6, paints[int(scatter(n + lane * 7, 3) * 6)])
        for n in range(9, 0, -1):
            _station(c, eye, lane, 9.5 + n * 7.4, n)
    c.glow(900, 330, 900, "#fffbe6", 0.55)
    c.rect(0, 800, 1800, 400, c.linear("0 #16303d 0, .4 #0b1a23 .85, 1 #050c11"))
    c.poly([(0, 980), (1800, 980), (1800, 1200), (0, 1200)], c.linear("0 #22343d, 1 #0a1217"))
    c.rect(0, 770, 1800, 16, c.linear("0 #fff, .5 #c3d0d4, 1 #4a5a62"), rx=8)
    c.rect(0, 786, 1800, 200, c.linear("0 #bfe0e6 .28, 1 #bfe0e6 .1"))
    for n in range(9):
        c.rect(n * 225 + 20, 776, 10, 214, c.linear("0 #dfe8ea, 1 #45555c", x2=1, y2=0))
    people = ((170, 250, "#33506b", "#2a1a10", 0), (430, 232, "#7a3a36", "#6b4522", 1), (668, 262, "#26323c", "#120d0b", 0),
              (1080, 240, "#3f6a5c", "#8f6a3a", 2), (1330, 258, "#4a4560", "#3a2416", 0), (1610, 236, "#96652e", "#1d1410", 1))  # fmt: skip
    for x, size, coat, hair, style in people:
        seated(c, x, 690 - (size - 240), size * 0.5, coat, hair, "#e6f6f4", style)
    return c


def _car_from_above(c: Canvas, eye: Camera, x: float, z: float, paint: str) -> None:
    def box(x1: float, x2: float, low: float, high: float, z1: float, z2: float, top: str, front: str) -> None:
        c.poly([eye(x1, low, z1), eye(x2, low, z1), eye(x2, high, z1), eye(x1, high, z1)], front)
        c.poly([eye(x1, high, z1), eye(x2, high, z1), eye(x2, high, z2), eye(x1, high, z2)], top)
        if x1 > 0:
            c.poly([eye(x1, low, z1), eye(x1, high, z1), eye(x1, high, z2), eye(x1, low, z2)], front)
        if x2 < 0:
            c.poly([eye(x2, low, z1), eye(x2, high, z1), eye(x2, high, z2), eye(x2, low, z2)], front)

    px, py = eye(x, 0, z)
    c.oval(px, py, 1300 / z, 200 / z, "#0f252e", opacity=0.4)
    box(x - 0.95, x + 0.95, 0.35, 0.95, z, z + 4.2, paint, "#33464f")
    box(x - 0.8, x + 0.8, 0.95, 1.5, z + 0.9, z + 3.3, paint, "#13222a")
    a = [eye(x - 0.7, 1.5, z + 1.1), eye(x + 0.7, 1.5, z + 1.1), eye(x + 0.7, 1.5, z + 3.1), eye(x - 0.7, 1.5, z + 3.1)]
    c.poly(a, "#fff", opacity=0.22)


def _station(c: Canvas, eye: Camera, lane: float, z: float, n: int) -> None:
    for side in (-1, 1):
        foot, elbow, wrist = eye(lane + side * 2.5, 0, z), eye(lane + side * 2.7, 2.5, z), eye(lane + side * 1.2, 2.4 - 0.5 * (n % 2), z)
        s = 900 / z
        c.limb(foot, 0.34 * s, eye(lane + side * 2.5, 0.8, z), 0.3 * s, "#59656c", "#20292d")
        c.limb(eye(lane + side * 2.5, 0.8, z), 0.26 * s, elbow, 0.2 * s, "#ffb054", "#a8480f")
        c.limb(elbow, 0.22 * s, wrist, 0.12 * s, "#ffb054", "#a8480f")


def meeting_table() -> Canvas:
    """A working table from above: sheets with charts, laptops, cups, hands at work around it."""
    c = Canvas(1800, 1200)
    c.rect(0, 0, 1800, 1200, c.linear("0 #4f6c72, 1 #2b3f47", x2=1, y2=1))
    for n in range(18):
        c.line([(n * 140 - 500, 0), (n * 140 - 100, 1200)], "#fff", 2, opacity=0.05)
    c.rect(230, 250, 1400, 640, "#08141a", rx=90, opacity=0.6, filter=c.blur(34))
    c.rect(200, 210, 1400, 640, c.linear("0 #f0cf9e, .5 #d9a76a, 1 #b07a42", x2=1, y2=1), rx=80)
    for n in range(30):
        y = 226 + n * 21
        c.path(f"M216,{y} C600,{y + 14 * (scatter(n, 1) - 0.5):.0f} 1200,{y + 16 * (scatter(n, 2) - 0.5):.0f} 1584,{y}", stroke="#8a5a2a",
               stroke_width=2, opacity=0.2)  # fmt: skip
    seats = ((420, 130, 0), (760, 118, 0), (1090, 124, 0), (1400, 134, 0), (560, 930, 180), (930, 944, 180), (1280, 932, 180))
    coats = ("#33506b", "#8a3f3a", "#2f3a44", "#3f7a68", "#4a4560", "#c08a3f", "#7a5a76")
    hairs = ("#2a1a10", "#7a5228", "#15100e", "#4a2c16", "#a5825a", "#2a1a10", "#3a2416")
    _papers(c)
    for n, (x, y, turn) in enumerate(seats):
        _from_above(c, x, y, turn, coats[n], hairs[n])
    c.path("M0,0 L760,0 L320,1200 L0,1200Z", "#fff0cf", opacity=0.1)
    c.path("M940,0 L1300,0 L860,1200 L500,1200Z", "#fff0cf", opacity=0.1)
    c.rect(0, 900, 1800, 300, c.linear("0 #0a161b 0, 1 #0a161b .5"))
    return c


def _from_above(c: Canvas, x: float, y: float, turn: float, coat: str, hair: str) -> None:
    c.oval(x + 34, y + 34, 150, 80, "#04090c", opacity=0.5, filter=c.blur(18))
    with c.group(transform=f"translate({x} {y}) rotate({turn})"):
        for side in (-1, 1):
            c.limb((side * 108, 6), 42, (side * 116, 104), 34, coat, "#0a0f14")
            c.limb((side * 116, 104), 33, (side * 62, 168), 25, coat, "#0a0f14")
            c.limb((side * 62, 166), 22, (side * 46, 188), 19, "#d9a07c", "#8a5a40")
        c.path("M-150,0 C-150,-62 -60,-76 0,-76 C60,-76 150,-62 150,0 C150,48 70,62 0,62 C-70,62 -150,48 -150,0Z",
               c.linear(f"0 {coat}, .6 {coat}, 1 #0a0f14"))  # fmt: skip
        c.path("M-140,-10 C-130,-58 -60,-70 0,-70", stroke="#fff", stroke_width=5, opacity=0.18)
        c.oval(0, 20, 36, 40, "#c48c6a")
        c.oval(0, 2, 62, 66, c.radial(-18, -22, 92, f"0 {hair}, .3 {hair}, 1 #050404"))
        for n in range(9):
            a = -2.7 + n * 0.28
            c.path(f"M4,-8 Q{30 * math.cos(a):.0f},{30 * math.sin(a):.0f} {58 * math.cos(a):.0f},{60 * math.sin(a):.0f}",
                   stroke="#fff", stroke_width=2, opacity=0.12)  # fmt: skip


def _papers(c: Canvas) -> None:
    for x, y, turn, kind in ((640, 470, -8, 0), (900, 540, 5, 1), (1170, 460, -4, 2), (420, 560, 14, 2), (1400, 580, -16, 0)):
        c.rect(x - 84, y - 96, 190, 236, "#3a200c", opacity=0.45, filter=c.blur(10), transform=f"rotate({turn} {x} {y})")
        with c.group(transform=f"translate({x} {y}) rotate({turn})"):
            c.rect(-95, -120, 190, 240, c.linear("0 #ffffff, 1 #ece5da"), rx=3)
            c.rect(-74, -98, 100, 11, "#2b4a5a", rx=5)
            _chart(c, kind)
            for row in range(3):
                c.rect(-74, 54 + row * 18, 140 - 26 * row, 7, "#c2c8cc", rx=3)
    for x, y, turn in ((760, 316, 180), (930, 746, 0), (1400, 340, 176)):
        with c.group(transform=f"translate({x} {y}) rotate({turn})"):
            c.rect(-96, -50, 220, 150, "#3a200c", opacity=0.5, filter=c.blur(12))
            c.rect(-110, -66, 220, 140, c.linear("0 #cfd5da, 1 #9aa2a9"), rx=8)
            c.rect(-96, -54, 192, 66, "#2b3138", rx=4)
            for row in range(4):
                c.line([(-90, -46 + row * 16), (90, -46 + row * 16)], "#566069", 8, stroke_dasharray="11 13")
            c.rect(-34, 22, 68, 42, "#b4bbc1", rx=4)
            c.rect(-110, -84, 220, 20, c.linear("0 #8fd8e6, 1 #1b3a4a"), rx=4)
    for x, y in ((600, 690), (1110, 690), (1030, 330), (330, 420), (1520, 420)):
        c.oval(x + 16, y + 18, 46, 44, "#3a200c", opacity=0.5, filter=c.blur(8))
        c.oval(x, y, 46, 46, c.linear("0 #fff, 1 #c9bfb2"))
        c.oval(x, y, 32, 32, c.linear("0 #f4efe8, 1 #b0a596"))
        c.oval(x, y, 27, 27, c.radial(x - 6, y - 8, 34, "0 #9a5c2c, 1 #3a1c0a"))
        c.line([(x + 40, y + 6), (x + 64, y + 12)], "#efe8de", 11)


def _chart(c: Canvas, kind: int) -> None:
    tones = ("#2f9a8c", "#f2a53c", "#4a7fa5", "#d9694a")
    if kind == 0:
        for n, tall in enumerate((34, 56, 48, 84, 100)):
            c.rect(-70 + n * 29, 34 - tall, 20, tall, tones[n % 4], rx=2)
    elif kind == 1:
        start = -1.57
        for n, part in enumerate((0.4, 0.27, 0.2, 0.13)):
            end = start + part * math.tau
            c.path(f"M0,-18 L{54 * math.cos(start):.1f},{-18 + 54 * math.sin(start):.1f} A54 54 0 0 1 {54 * math.cos(end):.1f},"
                   f"{-18 + 54 * math.sin(end):.1f}Z", tones[n])  # fmt: skip
            start = end
        c.oval(0, -18, 26, 26, "#fbf8f2")
    else:
        c.line([(-72, 20), (-40, -6), (-8, 4), (26, -34), (70, -58)], tones[0], 7)
        c.line([(-72, 34), (-40, 22), (-8, 28), (26, 4), (70, -8)], tones[1], 7)

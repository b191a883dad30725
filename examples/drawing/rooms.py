"""Scenes in rooms full of people: a wall of figures, a class, a gallery."""

from __future__ import annotations

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
    tones = [("#9ff0e6", "#2c93a4")] * 8 + [("#ffe3a0", "#f2963c")]
    with c.group(filter=c.blur(20)):
        for n, value in enumerate(bars):
            c.rect(294 + n * 136, 844 - value * 760, 116, value * 760 + 20, tones[n][0], opacity=0.4)
            c.rect(310 + n * 136, 935, 84, 150 * value, c.linear(f"0 {tones[n][1]} .6, 1 {tones[n][1]} 0"))
    for n, value in enumerate(bars):
        x, tall = 310 + n * 136, value * 760
        c.rect(x, 860 - tall, 84, tall, c.linear(f"0 {tones[n][0]}, 1 {tones[n][1]}"), rx=6)
        c.rect(x, 860 - tall, 14, tall, "#fff", opacity=0.22, rx=6)
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
        c.path(
            f"M{x - 60},1120 L{x + 60},1120 L{x + 30},1200 L{x - 150},1200Z", "#02070b", opacity=0.7, filter=c.blur(12)
        )
        standing(c, x, 1130, tall, coat, "#0c141d", hair, "#8fe6ea")
    return c


def training_room() -> Canvas:
    """A class seen from behind looks at a diagram of a battery on the screen."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #d3c4ae, .5 #efe0c4, .68 #cdb492, 1 #4a3626")
    c.rect(0, 0, 1800, 90, c.linear("0 #b5a58f, 1 #e8dac2"))
    for n in range(3):
        left = 10 + n * 150
        slope = 34 - n * 10
        c.poly(
            [(left, 130 - slope), (left + 118, 140 - slope + 14), (left + 118, 700), (left, 740 - n * 20)],
            c.linear("0 #cfeaf4, .6 #fff6dc, 1 #d9e4b8"),
        )
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
    c.path(
        "M640,240 C660,196 700,200 716,206 M1170,258 C1260,220 1280,300 1250,360 S1320,470 1380,440",
        stroke="#e2552c",
        stroke_width=6,
    )
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
    c.poly(
        [eye(-40, 0, 8), eye(40, 0, 8), eye(40, 0, 160), eye(-40, 0, 160)],
        c.linear("0 #f2f4e8, .12 #b9d0d0, .5 #7ea3aa, 1 #3d606c"),
    )
    for lane, tone in ((-10.5, "#f2b544"), (-4.5, "#f2b544"), (4.5, "#f2b544"), (10.5, "#f2b544")):
        c.poly(
            [eye(lane - 0.1, 0, 8), eye(lane + 0.1, 0, 8), eye(lane + 0.1, 0, 120), eye(lane - 0.1, 0, 120)],
            tone,
            opacity=0.9,
        )
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
    people = ((170, 250, "#33506b", "#2a1a10", 0), (430, 232, "#7a3a36", "#6b4522", 1),
              (668, 262, "#26323c", "#120d0b", 0),
              (1080, 240, "#3f6a5c", "#8f6a3a", 2), (1330, 258, "#4a4560", "#3a2416", 0),
              (1610, 236, "#96652e", "#1d1410", 1))  # fmt: skip
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
        foot, elbow, wrist = (
            eye(lane + side * 2.5, 0, z),
            eye(lane + side * 2.7, 2.5, z),
            eye(lane + side * 1.2, 2.4 - 0.5 * (n % 2), z),
        )
        s = 900 / z
        c.limb(foot, 0.34 * s, eye(lane + side * 2.5, 0.8, z), 0.3 * s, "#59656c", "#20292d")
        c.limb(eye(lane + side * 2.5, 0.8, z), 0.26 * s, elbow, 0.2 * s, "#ffb054", "#a8480f")
        c.limb(elbow, 0.22 * s, wrist, 0.12 * s, "#ffb054", "#a8480f")

"""Scenes in towns: a tram on a bridge, a portico."""

from __future__ import annotations

import math

from drawing.kit import Camera, Canvas, Point, between, scatter, standing


def tram_evening() -> Canvas:
    """Blue hour in a harbour city: a tram crosses a bridge, windows lit, masts and gables behind."""
    c = Canvas(1200, 1600)
    c.backdrop("0 #0f2148, .2 #2b4a82, .36 #7d83a8, .47 #e8a88a, .52 #f6c795, 1 #0a1526")
    c.glow(300, 780, 620, "#ffab73", 0.75)
    with c.group(filter=c.blur(12)):
        for n in range(12):
            c.oval(
                scatter(n, 91) * 1300,
                160 + scatter(n, 92) * 430,
                110 + 190 * scatter(n, 93),
                6 + 13 * scatter(n, 94),
                "#ffb79a",
                opacity=0.35,
            )
    x = -30.0
    for n in range(16):
        wide, tall = 60 + 70 * scatter(n, 101), 130 + 170 * scatter(n, 102)
        _house(c, x, 880, wide, tall, n, "#56597f", 0.4)
        x += wide - 4
    _church(c, 760, 880)
    _gantry(c, 110, 880)
    x = -20.0
    for n in range(12):
        wide, tall = 90 + 60 * scatter(n, 111), 90 + 120 * scatter(n, 112)
        _house(c, x, 900, wide, tall, n + 40, "#2a3158", 0.62)
        x += wide - 2
    c.rect(0, 890, 1200, 40, c.linear("0 #141c38, 1 #0c1429"))
    _tram(c, 150, 900)
    c.rect(0, 898, 1200, 30, c.linear("0 #79809c, .2 #3c4668, 1 #1a2242"))
    c.rect(0, 920, 1200, 140, c.linear("0 #1a2444, 1 #56567c"))
    for arch in range(3):
        left = -60 + arch * 450
        c.path(f"M{left - 40},920 L{left + 440},920 L{left + 440},1060 L{left + 400},1060 C{left + 380},950 "
               f"{left + 20},950 {left},1060 "
               f"L{left - 40},1060Z", c.linear("0 #2f3a60, 1 #121a36"))  # fmt: skip
    c.rect(0, 1050, 1200, 560, c.linear("0 #7a6a80, .2 #34456e, .6 #14244a, 1 #060d1c"))
    with c.group(filter=c.blur(3)):
        for n in range(240):
            y = 1060 + 500 * scatter(n, 121) ** 1.6
            px = scatter(n, 122) * 1240 - 20
            warm = 210 < px < 1010
            c.oval(px, y, 20 + (y - 1050) * 0.1, 1.6 + (y - 1050) * 0.008, "#ffd28c" if warm and n % 3 else "#6f86b6",
                   opacity=0.55 * (1 - (y - 1050) / 560))  # fmt: skip
    for n in range(4):
        _lamp(c, 90 + n * 340, 900)
    c.rect(0, 1200, 1200, 400, c.linear("0 #050a16 0, 1 #050a16 .6"))
    return c


def _house(c: Canvas, x: float, y: float, w: float, h: float, salt: int, ink: str, lit: float) -> None:
    top = y - h
    c.poly(
        [(x, y), (x, top), (x + w * 0.5, top - w * 0.42 * (salt % 3 > 0)), (x + w, top), (x + w, y)],
        c.linear(f"0 {ink}, 1 #8b6a78"),
    )
    columns = int(w / 22)
    for row in range(int(h / 34)):
        for column in range(columns):
            on = scatter(salt * 97 + row * 13 + column, 131) < lit
            c.rect(
                x + 8 + column * (w - 12) / columns,
                top + 14 + row * 34,
                9,
                15,
                "#ffd890" if on else "#1b2244",
                opacity=0.9 if on else 0.6,
            )


def _church(c: Canvas, x: float, y: float) -> None:
    c.rect(x, y - 360, 74, 360, c.linear("0 #4b5080, 1 #7d6478"))
    c.poly([(x - 6, y - 360), (x + 37, y - 560), (x + 80, y - 360)], c.linear("0 #5a8a8a, 1 #3c5a72"))
    c.line([(x + 37, y - 560), (x + 37, y - 592)], "#c9b08a", 4)
    c.oval(x + 37, y - 316, 17, 17, "#ffe4a8")


def _gantry(c: Canvas, x: float, y: float) -> None:
    ink = "#3d4672"
    for leg in (0, 150):
        c.line([(x + leg, y), (x + leg * 0.9 + 8, y - 430)], ink, 13)
    c.line([(x - 60, y - 430), (x + 260, y - 430)], ink, 22)
    for n in range(10):
        c.line([(x - 50 + n * 31, y - 440), (x - 34 + n * 31, y - 420)], "#59629a", 3)


def _tram(c: Canvas, x: float, y: float) -> None:
    c.line([(0, y - 230), (1200, y - 236)], "#1a2140", 3)
    c.line([(x + 250, y - 176), (x + 300, y - 206), (x + 262, y - 232)], "#141a30", 5)
    c.line([(x + 232, y - 233), (x + 292, y - 233)], "#141a30", 6)
    for car_n in range(2):
        left = x + car_n * 440
        c.rect(left, y - 176, 424, 156, c.linear("0 #f4efe2, .1 #d9d2c4, .5 #8fa6c4, .56 #3f7cc4, 1 #17396e"), rx=26)
        c.rect(left + 8, y - 158, 408, 72, "#1a2238", rx=14)
        for n in range(5):
            c.rect(left + 20 + n * 80, y - 150, 68, 60, c.linear("0 #fff3cc, 1 #ffc56e"), rx=7)
            c.oval(left + 44 + n * 80, y - 100, 10, 13, "#5a3a2c", opacity=0.75 * (scatter(n + car_n * 7, 141) > 0.35))
            c.rect(
                left + 32 + n * 80, y - 96, 24, 10, "#3a2a34", rx=5, opacity=0.75 * (scatter(n + car_n * 7, 141) > 0.35)
            )
        c.rect(left + 14, y - 22, 396, 14, "#10152a", rx=6)
        for wheel in (90, 334):
            c.oval(left + wheel, y - 8, 22, 16, "#0a0e1c")
    c.rect(x + 422, y - 160, 20, 136, "#171d33")
    c.glow(x + 432, y - 120, 520, "#ffc06a", 0.22)
    c.glow(x + 868, y - 40, 120, "#fff2c8", 1)


def _lamp(c: Canvas, x: float, y: float) -> None:
    c.line([(x, y + 10), (x, y - 130)], "#10172e", 7)
    c.oval(x, y - 142, 12, 15, "#fff0c4")
    c.glow(x, y - 142, 110, "#ffd27a", 0.9)


def arcades() -> Canvas:
    """Morning sun falls through the arches of a long portico; two people walk towards the light."""
    c = Canvas(1200, 1600)
    c.backdrop("0 #7a3c22, 1 #2a140c")
    eye = Camera(660, 780, 1050, 1.7)
    left, right, spring, bay, pier = -2.3, 2.0, 3.1, 3.6, 0.62
    bays = 13
    start = 2.05
    far = start + bays * bay
    c.poly([eye(right, 0, start), eye(right, 6, start), eye(right, 6, far), eye(right, 0, far)],
           c.linear("0 #b4683a, .5 #e8a05a, 1 #ffd9a0", 1200, 0, 660, 0, px=True))  # fmt: skip
    middle, radius = (left + right) / 2, (right - left) / 2
    for n in range(bays - 1, -1, -1):
        _vault(c, eye, middle, radius, spring, start + n * bay, bay, n / bays)
    c.poly([eye(left, 0, start), eye(left, 6, start), eye(left, 6, far), eye(left, 0, far)],
           c.linear("0 #8a4526, .6 #c97a44, 1 #ffd29a", 0, 0, 640, 0, px=True))  # fmt: skip
    c.poly([eye(left - 9, 0, start), eye(right, 0, start), eye(right, 0, far), eye(left - 9, 0, far)],
           c.linear("0 #ffe2b4, .3 #b98058, 1 #4d2c1e", 0, 800, 0, 1600, px=True))  # fmt: skip
    for n in range(bays - 1, -1, -1):
        _arch(c, eye, left, start + n * bay + pier / 2, start + (n + 1) * bay - pier / 2, spring - 0.5, n)
    for n in range(bays - 1, -1, -1):
        _door(c, eye, right, start + n * bay, n)
    end = [eye(left, 0, far), eye(left, 5, far), eye(right, 5, far), eye(right, 0, far)]
    c.poly(end, "#fff1d2")
    c.glow(*eye(middle, 2, far), 420, "#ffe2ac", 0.95)
    _tiles(c, eye, left, right, far)
    with c.group(filter=c.blur(2.5), style="mix-blend-mode:screen"):
        for n in range(bays):
            _sun_patch(c, eye, left, start + n * bay + pier / 2, start + (n + 1) * bay - pier / 2, spring - 0.5)
    for across, away, coat, hair, step in (
        (-0.15, 14.5, "#33405a", "#2a1a12", 0.5),
        (0.5, 14.9, "#7a3030", "#5a3a1e", -0.5),
    ):
        x, y = eye(across, 0, away)
        size = 1.75 * 1050 / away
        c.path(f"M{x - 8},{y} L{x + size * 0.5},{y + size * 0.42} L{x + size * 0.72},{y + size * 0.42} "
               f"L{x + 10},{y}Z", "#2a140c",
               opacity=0.5, filter=c.blur(3))  # fmt: skip
        standing(c, x, y, size, coat, "#1d2230", hair, "#ffcf94", step)
    c.rect(0, 0, 1200, 420, c.linear("0 #1a0a06 .62, 1 #1a0a06 0"))
    return c


def _vault(
    c: Canvas, eye: Camera, middle: float, radius: float, spring: float, z: float, bay: float, depth: float
) -> None:
    def rib(at: float, r: float, low: float) -> list[Point]:
        arc = [math.pi * k / 24 for k in range(25)]
        return [eye(middle - r * math.cos(a), low + (r * 0.82) * math.sin(a), at) for a in arc]

    tones = ("#8c4a2a", "#e0a468")
    mix = "".join(
        f"{int(between(int(tones[0][i : i + 2], 16), int(tones[1][i : i + 2], 16), depth)):02x}" for i in (1, 3, 5)
    )
    c.poly(rib(z, radius, spring) + rib(z + bay, radius, spring)[::-1],
           c.linear(f"0 #6b3018, .45 #{mix}, .8 #ffdca4, 1 #c07a48", x2=1, y2=0))  # fmt: skip
    c.poly(rib(z, radius, spring) + rib(z + 0.5, radius * 0.94, spring)[::-1], "#f2c48c", opacity=0.85)


def _arch(c: Canvas, eye: Camera, wall: float, a: float, b: float, spring: float, n: int) -> None:
    def opening(x: float) -> list[Point]:
        mid, r = (a + b) / 2, (b - a) / 2
        arc = [math.pi * k / 20 for k in range(21)]
        return [
            eye(x, 0, a),
            *[eye(x, spring + r * 0.72 * math.sin(t), mid - r * math.cos(t)) for t in arc],
            eye(x, 0, b),
        ]

    inner, outer = opening(wall), opening(wall - 0.55)
    c.poly(inner, c.linear("0 #ffcf90, 1 #c97e48"))
    with c.group(clip_path=c.clip(inner)):
        c.poly(outer, c.linear("0 #bfe0f2, .3 #f8ecd0, .55 #f3cf9a, 1 #ffe9c2"))
        with c.group(clip_path=c.clip(outer)):
            far_wall = wall - 9
            c.poly(
                [
                    eye(far_wall, 0, a - 6),
                    eye(far_wall, 4.6, a - 6),
                    eye(far_wall, 4.6, b + 30),
                    eye(far_wall, 0, b + 30),
                ],
                "#eab478",
            )
            for k in range(14):
                z = a - 4 + k * 2.6
                c.poly(
                    [
                        eye(far_wall, 1.6, z),
                        eye(far_wall, 3.4, z),
                        eye(far_wall, 3.4, z + 1),
                        eye(far_wall, 1.6, z + 1),
                    ],
                    "#6d8a62",
                    opacity=0.75,
                )
    c.line(inner, "#ffe6b8", max(1.5, 14 / (n + 1)), opacity=0.5)
    x, y = eye(wall, spring - 0.1, a - 0.31)
    wide = 0.5 * 1050 / (a - 0.3)
    c.rect(x - wide * 0.55, y, wide * 1.1, wide * 0.22, "#ffdcaa", opacity=0.8)


def _door(c: Canvas, eye: Camera, wall: float, z: float, n: int) -> None:
    a, b = z + 1.1, z + 2.5
    c.poly([eye(wall, 0, a), eye(wall, 2.7, a), eye(wall, 2.7, b), eye(wall, 0, b)], "#5a2f1c")
    if n % 2:
        c.poly([eye(wall, 0.5, a + 0.12), eye(wall, 2.5, a + 0.12), eye(wall, 2.5, b - 0.12), eye(wall, 0.5, b - 0.12)],
               c.linear("0 #ffd58a, 1 #d98a3c"))  # fmt: skip
    x, y = eye(wall - 0.3, 3.3, z)
    c.glow(x, y, 260 / z, "#ffe2a0", 0.8)


def _tiles(c: Canvas, eye: Camera, left: float, right: float, far: float) -> None:
    z = 2.3
    while z < far:
        c.line([eye(left, 0, z), eye(right, 0, z)], "#3a1e12", 1.4, opacity=0.3)
        z += 0.9
    for n in range(6):
        x = between(left, right, n / 5)
        c.line([eye(x, 0, 2.3), eye(x, 0, far)], "#3a1e12", 1.4, opacity=0.26)


def _sun_patch(c: Canvas, eye: Camera, wall: float, a: float, b: float, spring: float) -> None:
    mid, r = (a + b) / 2, (b - a) / 2
    arc = [math.pi * k / 16 for k in range(17)]
    rim = [(0.0, a), *[(spring + r * 0.72 * math.sin(t), mid - r * math.cos(t)) for t in arc], (0.0, b)]
    patch = [eye(min(wall + 0.86 * up, 2.0), 0, max(1.6, z - 0.5 * up)) for up, z in rim]
    c.poly(patch, "#ffb765", opacity=0.62)

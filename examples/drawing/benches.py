"""Scenes on a workbench: a battery module, an electric drive in its parts."""

from __future__ import annotations

import math
from collections.abc import Callable

from drawing.kit import Canvas, Point, scatter

GLOVE = ("#ff9a4a", "#8e3410")

SLEEVE = ("#5d7290", "#141d2c")


def battery_bench() -> Canvas:
    """Two gloved hands measure a cell of a battery module on a workbench."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #1c2f3c, .4 #38566a, .55 #55707c, 1 #1a2229")
    with c.group(filter=c.blur(22)):
        for n in range(7):
            c.rect(60 + n * 270, 60, 190, 300, c.linear("0 #dff0f4, 1 #8fb4c2"), opacity=0.55)
        c.rect(0, 420, 1800, 26, "#1b2a33")
        for n in range(26):
            tone = ("#d9893c", "#3f6f86", "#c9d4d6", "#23323b")[n % 4]
            c.rect(n * 74 - 20, 452 - 120 * scatter(n, 1) - 40, 58, 120 * scatter(n, 1) + 40, tone, opacity=0.8)
        for n in range(14):
            c.oval(scatter(n, 2) * 1800, 80 + 280 * scatter(n, 3), 34, 34, "#ffd9a0", opacity=0.5)
    c.poly([(0, 560), (1800, 500), (1800, 1200), (0, 1200)], c.linear("0 #8ca0a6, .12 #5b717b, .5 #32434d, 1 #10171c"))
    c.path("M120,690 L1500,610 L1790,830 L1800,1130 L0,1200 L0,860Z", c.linear("0 #3c7f8c, 1 #123640"), opacity=0.65)
    c.glow(560, 420, 900, "#ffe6bd", 0.4)

    def at(x: float, y: float, z: float) -> Point:
        return 330 + x * 74 + y * 46, 850 - x * 5 - y * 34 - z * 60

    base = [at(-1.2, -0.5, 0), at(12.6, -0.5, 0), at(12.9, 5.6, 0), at(-1.0, 5.6, 0)]
    c.poly([(x + 30, y + 46) for x, y in base], "#04080b", opacity=0.75, filter=c.blur(24))
    _block(c, at, -0.7, 0, 0.7, 5, 3.7, ("#e3eaec", "#a9b5ba", "#5d6a71"))
    for n in range(12):
        _block(c, at, n, 0, 0.95, 5, 3.4, ("#9fc3cf", "#3f7288", "#16303f"))
        _terminals(c, at, n)
    _block(c, at, 12, 0, 0.7, 5, 3.7, ("#e3eaec", "#a9b5ba", "#5d6a71"))
    for n in range(11):
        row = 1.1 if n % 2 else 3.9
        a, b = at(n + 0.3, row - 0.32, 3.62), at(n + 1.66, row - 0.32, 3.62)
        d, e = at(n + 1.66, row + 0.32, 3.62), at(n + 0.3, row + 0.32, 3.62)
        c.poly([a, b, d, e], c.linear("0 #ffd2a0, .5 #d98a4e, 1 #99532a"))
        c.poly([a, b, (b[0], b[1] + 8), (a[0], a[1] + 8)], "#6d3516")
    for shift in (0, 34):
        c.path(f"M{1190 + shift},{520 + shift / 3} C1400,{400 + shift} 1560,{520 + shift} "
               f"1640,{760 + shift} S1500,1080 1800,{1110 + shift}",
               stroke="#6e2405", stroke_width=30)  # fmt: skip
        c.path(f"M{1190 + shift},{520 + shift / 3} C1400,{400 + shift} 1560,{520 + shift} "
               f"1640,{760 + shift} S1500,1080 1800,{1110 + shift}",
               stroke="#f07a22", stroke_width=23)  # fmt: skip
        c.path(f"M{1188 + shift},{514 + shift / 3} C1396,{394 + shift} 1554,{514 + shift} "
               f"1634,{756 + shift} S1494,1074 1794,{1104 + shift}",
               stroke="#ffc58c", stroke_width=5, opacity=0.8)  # fmt: skip
    _meter(c, 130, 880)
    c.path("M345,1090 C480,1150 700,1020 690,820 C684,700 660,600 670,500", stroke="#120d0d", stroke_width=10)
    c.path("M340,1118 C640,1230 1190,1080 1180,820 C1174,680 1150,560 1160,450", stroke="#a1201c", stroke_width=10)
    _hand(c, 1)
    _hand(c, -1)
    c.glow(*at(5.4, 2.5, 3.6), 300, "#fff1d0", 0.35)
    return c


def _block(
    c: Canvas,
    at: Callable[[float, float, float], Point],
    x: float,
    y: float,
    w: float,
    d: float,
    h: float,
    tones: tuple[str, str, str],
) -> None:
    top, front, side = tones
    a, b, e, f = at(x, y, 0), at(x + w, y, 0), at(x + w, y, h), at(x, y, h)
    g, k, m = at(x + w, y + d, 0), at(x + w, y + d, h), at(x, y + d, h)
    c.poly([b, g, k, e], side)
    c.poly([a, b, e, f], c.linear(f"0 {top}, .14 {front}, 1 {side}"))
    c.poly([f, e, k, m], c.linear(f"0 {front}, 1 {top}"))
    c.line([f, e], "#fff", 2, opacity=0.5)


def _terminals(c: Canvas, at: Callable[[float, float, float], Point], n: int) -> None:
    for y in (1.1, 3.9):
        x, top = at(n + 0.48, y, 3.5)
        c.oval(x, top, 22, 12, c.linear("0 #fff, 1 #7c8a90"))
        c.oval(x, top - 5, 14, 7, c.linear("0 #fff7ea, 1 #b5a999"))
    x, top = at(n + 0.48, 2.5, 3.42)
    c.oval(x, top, 16, 8, "#16313d")
    c.oval(x, top + 1, 11, 5, "#2d5568")


def _meter(c: Canvas, x: float, y: float) -> None:
    c.rect(x - 10, y + 10, 250, 280, "#000", rx=30, opacity=0.5, filter=c.blur(14))
    with c.group(transform=f"translate({x} {y}) rotate(-7) skewX(-6)"):
        c.rect(0, 0, 230, 270, c.linear("0 #ffc04a, 1 #c0761a"), rx=30)
        c.rect(14, 14, 202, 242, c.linear("0 #39434a, 1 #171c20"), rx=22)
        c.rect(32, 32, 166, 78, c.linear("0 #d9ecc8, 1 #a9c6a0"), rx=8)
        _digits(c, "3.71", 46, 46)
        c.oval(115, 186, 52, 52, c.linear("0 #565f66, 1 #20262a"))
        c.line([(115, 186), (146, 152)], "#fff", 6)


def _digits(c: Canvas, text: str, x: float, y: float) -> None:
    """Write numbers in seven segments: the pictures need no font."""
    bars = {"3": "abcdg", "7": "abc", "1": "bc"}
    where = {
        "a": ((3, 0), (21, 0)),
        "b": ((24, 3), (24, 21)),
        "c": ((24, 27), (24, 45)),
        "d": ((3, 48), (21, 48)),
        "g": ((3, 24), (21, 24)),
    }
    for sign in text:
        if sign == ".":
            c.oval(x + 3, y + 48, 4, 4, "#1f2b1f")
            x += 14
            continue
        for bar in bars[sign]:
            c.line([(x + px, y + py) for px, py in where[bar]], "#1f2b1f", 6)
        x += 40


def _hand(c: Canvas, side: int) -> None:
    """One gloved hand with a probe; `side` 1 comes from the right, -1 from the left."""
    tip = (990, 468) if side > 0 else (858, 562)

    def p(x: float, y: float) -> Point:
        return tip[0] + side * x, tip[1] + y

    lit, dark = GLOVE
    c.oval(*p(230, 60), 190, 40, "#000", opacity=0.4, filter=c.blur(16))
    for y, reach in ((-6, 150), (26, 168), (56, 190)):
        c.limb(p(330, -70 + y), 42, p(reach + 20, -14 + y), 31, lit, dark)
        c.limb(p(reach + 20, -14 + y), 31, p(reach - 20, 30 + y * 0.7), 24, lit, dark)
    c.line([p(0, 0), p(40, -30)], "#dfe6e8", 7)
    c.line([p(40, -30), p(250, -190)], "#b0201c" if side > 0 else "#16191c", 24)
    c.line([p(44, -40), p(250, -197)], "#ff8a7a" if side > 0 else "#596068", 5)
    c.oval(*p(58, -44), 24, 24, "#b0201c" if side > 0 else "#16191c")
    c.limb(p(1200, -430), 190, p(452, -150), 104, *SLEEVE)
    c.limb(p(452, -146), 96, p(392, -120), 90, "#d8722a", "#6b260a")
    c.limb(p(400, -118), 88, p(300, -88), 76, lit, dark)
    c.limb(p(310, -132), 46, p(196, -150), 34, lit, dark)
    c.limb(p(196, -150), 34, p(112, -92), 24, lit, dark)
    c.limb(p(310, -60), 48, p(206, -48), 36, lit, dark)
    c.limb(p(206, -48), 36, p(128, -64), 26, lit, dark)
    for a, b in (((392, -190), (372, -50)), ((420, -200), (402, -50))):
        c.line([p(*a), p(*b)], "#7a2c0c", 5, opacity=0.6)


def motor_exploded() -> Canvas:
    """An electric drive taken apart along its axis: gear, cover, rotor, stator, housing."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #20434c, .45 #5f8f92, .62 #b5cbc0, .64 #7c9a98, 1 #172a2e")
    c.glow(760, 360, 900, "#fff2d2", 0.7)
    for x, wide in ((250, 120), (530, 150), (820, 190), (1150, 240), (1500, 240)):
        c.oval(x, 930 - x * 0.03, wide, 30, "#0a1719", opacity=0.55, filter=c.blur(20))
    with c.group(transform="rotate(-9 900 520)"):
        c.line([(60, 520), (1780, 520)], "#fff", 3, stroke_dasharray="26 16 4 16", opacity=0.7)
        _drum(c, 1480, 520, 270, 260, ("#f2f6f6", "#a8b6b9", "#4a575b"))
        for n in range(7):
            x = 1374 + n * 36
            c.path(f"M{x},252 A100 268 0 0 1 {x},788", stroke="#5b696d", stroke_width=9, opacity=0.7)
            c.path(f"M{x - 5},252 A100 268 0 0 1 {x - 5},788", stroke="#fff", stroke_width=3, opacity=0.6)
        _ring(c, 1350, 520, 232, "#25343a", "#0a1114")
        _drum(c, 1110, 520, 226, 190, ("#8f9da3", "#56656c", "#20292d"))
        for n in range(13):
            c.path(
                f"M{1026 + n * 14},296 A84 224 0 0 1 {1026 + n * 14},744", stroke="#151c20", stroke_width=2, opacity=0.5
            )
        _coils(c, 1015, 520)
        _rotor(c, 800, 520)
        _drum(c, 560, 520, 214, 40, ("#fff", "#c2ccce", "#5d6a6e"))
        for n in range(8):
            a = n * math.tau / 8 + 0.2
            c.oval(540 + 62 * math.cos(a), 520 + 180 * math.sin(a), 9, 18, "#2d383c")
            c.oval(538 + 62 * math.cos(a), 517 + 180 * math.sin(a), 6, 12, "#dfe7e8")
        _ring(c, 540, 520, 92, "#2a363a", "#0f1618")
        _ring(c, 540, 520, 60, "#7d8b8f", "#1b2427")
        _drum(c, 400, 520, 88, 44, ("#f4dca8", "#c9a25c", "#5f431a"))
        _ring(c, 378, 520, 50, "#3a2b12", "#161006")
        _gear(c, 220, 520)
    c.rect(0, 930, 1800, 270, c.linear("0 #0c1a1d 0, 1 #0c1a1d .75"))
    return c


def _drum(c: Canvas, x: float, y: float, r: float, length: float, tones: tuple[str, str, str]) -> None:
    lit, own, dark = tones
    k, half = r * 0.36, length / 2
    c.path(f"M{x - half},{y - r} L{x + half},{y - r} A{k} {r} 0 0 1 {x + half},{y + r} L{x - half},{y + r}Z",
           c.linear(f"0 {own}, .14 {lit}, .3 {own}, .75 {dark}, .92 {own}, 1 {dark}"))  # fmt: skip
    c.oval(x - half, y, k, r, c.linear(f"0 {lit}, .6 {own}, 1 {dark}", x2=0.7))
    c.add("ellipse", cx=x - half, cy=y, rx=k - 2, ry=r - 2, fill="none", stroke="#fff", stroke_width=3, opacity=0.55)


def _ring(c: Canvas, x: float, y: float, r: float, lit: str, dark: str) -> None:
    c.oval(x, y, r * 0.36, r, c.linear(f"0 {dark}, 1 {lit}", x2=0.6))


def _coils(c: Canvas, x: float, y: float) -> None:
    for n in range(36):
        a = n * math.tau / 36
        lit = ("#ffd0a0", "#e8964f", "#b8642a")[n % 3]
        c.line(
            [
                (x + 76 * math.cos(a), y + 204 * math.sin(a)),
                (x - 24 + 62 * math.cos(a + 0.2), y + 172 * math.sin(a + 0.2)),
            ],
            "#5a2a0e",
            25,
        )
        c.line(
            [
                (x + 76 * math.cos(a), y + 204 * math.sin(a)),
                (x - 24 + 62 * math.cos(a + 0.2), y + 172 * math.sin(a + 0.2)),
            ],
            lit,
            17,
        )
    _ring(c, x - 26, y, 152, "#1c2326", "#07090a")
    c.path(f"M{x - 26},{y - 152} A54 152 0 0 1 {x - 26},{y + 152}", stroke="#8a5a36", stroke_width=5, opacity=0.7)


def _rotor(c: Canvas, x: float, y: float) -> None:
    c.rect(x - 20, y - 30, 260, 60, c.linear("0 #fff, .3 #c9d3d6, 1 #495559"))
    _drum(c, x, y, 142, 190, ("#dfe7e9", "#8d9ba0", "#364246"))
    for n in range(5):
        a = -1.1 + n * 0.55
        up = y + 142 * math.sin(a)
        c.line([(x - 92 + 50 * math.cos(a), up), (x + 92 + 50 * math.cos(a), up)], "#1d4f78", 24, opacity=0.9)
        c.line([(x - 92 + 50 * math.cos(a), up - 6), (x + 92 + 50 * math.cos(a), up - 6)], "#6fb4dd", 4, opacity=0.8)
    _ring(c, x - 95, y, 84, "#5c6a70", "#2a3438")
    c.rect(x - 210, y - 30, 116, 60, c.linear("0 #fff, .3 #c9d3d6, 1 #495559"))
    c.oval(x - 210, y, 11, 30, "#e8eef0")


def _gear(c: Canvas, x: float, y: float) -> None:
    for back in (34, 0):
        teeth: list[Point] = []
        for n in range(88):
            a, r = n * math.tau / 88, 158 if n // 2 % 2 else 182
            teeth.append((x + back + r * 0.36 * math.cos(a), y + r * math.sin(a)))
        c.poly(
            teeth, c.linear("0 #3b464b, 1 #14191b") if back else c.linear("0 #f7fafa, .5 #aab6ba, 1 #475358", x2=0.7)
        )
    _ring(c, x, y, 132, "#d4dcdf", "#77858a")
    _ring(c, x + 2, y, 122, "#7f8d92", "#b9c4c8")
    for n in range(6):
        a = n * math.tau / 6
        c.oval(x + 30 * math.cos(a), y + 86 * math.sin(a), 9, 25, "#2b3539")
    _ring(c, x, y, 50, "#e8eef0", "#5f6d72")
    _ring(c, x, y, 34, "#1d2629", "#0b0f11")

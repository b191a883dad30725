"""Scenes on a table: a laptop with an online module, a meeting from above."""

from __future__ import annotations

import math

from drawing.kit import Canvas, Point, scatter


def laptop_module() -> Canvas:
    """A laptop shows an online module on batteries; evening light and a harbour blur behind the window."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #6fa3bd, .3 #f0cfa4, .46 #ffe0ac, .5 #c98f60, 1 #2a1a12")
    with c.group(filter=c.blur(26)):
        c.glow(1380, 300, 520, "#fff0c4", 1)
        for n in range(16):
            tall = 90 + 220 * scatter(n, 1)
            c.rect(
                n * 118 - 30, 560 - tall, 104, tall, ("#b9836a", "#d9a884", "#8f7480", "#e8c39a")[n % 4], opacity=0.9
            )
        c.rect(0, 520, 1800, 90, "#6f9aa6")
    for n in range(30):
        c.oval(
            scatter(n, 2) * 1800,
            330 + 260 * scatter(n, 3),
            16 + 22 * scatter(n, 4),
            16 + 22 * scatter(n, 4),
            "#ffe9b8",
            opacity=0.22,
        )
    for x in (250, 1560):
        c.rect(x, 0, 26, 650, c.linear("0 #3a2a22, .3 #8a6a50, 1 #2a1d16", x2=1, y2=0))
    c.rect(0, 640, 1800, 560, c.linear("0 #e0a86e, .1 #b5763f, .6 #6d3f1f, 1 #2a150a"))
    for n in range(26):
        y = 652 + n * n * 0.86
        c.path(f"M0,{y:.0f} C500,{y - 8 + 14 * scatter(n, 5):.0f} 1200,{y + 10 * scatter(n, 6):.0f} "
               f"1800,{y - 6:.0f}", stroke="#4a260f",
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
            c.path(f"M40,760 Q{40 + 170 * math.cos(a):.0f},{700 + 200 * math.sin(a):.0f} "
                   f"{40 + 270 * math.cos(a):.0f},{720 + 330 * math.sin(a):.0f} "
                   f"Q{90 + 180 * math.cos(a):.0f},{760 + 180 * math.sin(a):.0f} "
                   f"40,760Z", ("#2f5a36", "#477a44", "#1f4029")[n % 3])  # fmt: skip
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

    for lift, lit, own, dark in (
        (0.0, "#8fb3c2", "#4f7789", "#2a4a59"),
        (1.7, "#8ff0dc", "#2fae9a", "#156a5e"),
        (4.6, "#e8eef0", "#b4c1c7", "#74848b"),
    ):
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
    c.path(
        f"M{x + 96},{y + 60} C{x + 170},{y + 40} {x + 170},{y + 140} {x + 84},{y + 136}",
        stroke="#e3d8cc",
        stroke_width=18,
    )
    c.path(f"M{x - 84},{y} C{x - 84},{y + 130} {x - 50},{y + 186} {x + 20},{y + 186} C{x + 90},{y + 186} "
           f"{x + 120},{y + 130} {x + 120},{y}Z",
           c.linear("0 #fff, .55 #efe6dc, 1 #a08f80", x2=1, y2=0))  # fmt: skip
    c.oval(x + 18, y, 102, 26, "#e3d8cc")
    c.oval(x + 18, y + 3, 92, 21, c.linear("0 #6d3d1c, 1 #2a1206"))
    for n in range(3):
        c.path(
            f"M{x - 10 + n * 28},{y - 20} q-26,-50 4,-96 t2,-90",
            stroke="#fff",
            stroke_width=12,
            opacity=0.2,
            filter=c.blur(9),
        )


def _notebook(c: Canvas) -> None:
    c.path("M60,1010 L330,1000 L250,1190 L-60,1200Z", "#000", opacity=0.4, filter=c.blur(10))
    c.path("M60,1000 L336,990 L262,1180 L-60,1192Z", c.linear("0 #fffaf0, 1 #d8c9b4"))
    for n in range(6):
        c.line([(58 - n * 16, 1024 + n * 26), (300 - n * 12, 1014 + n * 26)], "#b9a58c", 2, opacity=0.8)
    c.line([(150, 1150), (330, 1020)], "#1d4f78", 13)
    c.line([(330, 1020), (346, 1008)], "#ffc44d", 12)


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
        c.path(f"M216,{y} C600,{y + 14 * (scatter(n, 1) - 0.5):.0f} "
               f"1200,{y + 16 * (scatter(n, 2) - 0.5):.0f} 1584,{y}", stroke="#8a5a2a",
               stroke_width=2, opacity=0.2)  # fmt: skip
    seats = (
        (420, 130, 0),
        (760, 118, 0),
        (1090, 124, 0),
        (1400, 134, 0),
        (560, 930, 180),
        (930, 944, 180),
        (1280, 932, 180),
    )
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
            c.path(f"M4,-8 Q{30 * math.cos(a):.0f},{30 * math.sin(a):.0f} "
                   f"{58 * math.cos(a):.0f},{60 * math.sin(a):.0f}",
                   stroke="#fff", stroke_width=2, opacity=0.12)  # fmt: skip


def _papers(c: Canvas) -> None:
    for x, y, turn, kind in (
        (640, 470, -8, 0),
        (900, 540, 5, 1),
        (1170, 460, -4, 2),
        (420, 560, 14, 2),
        (1400, 580, -16, 0),
    ):
        c.rect(
            x - 84, y - 96, 190, 236, "#3a200c", opacity=0.45, filter=c.blur(10), transform=f"rotate({turn} {x} {y})"
        )
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
            c.path(f"M0,-18 L{54 * math.cos(start):.1f},{-18 + 54 * math.sin(start):.1f} A54 54 0 0 1 "
                   f"{54 * math.cos(end):.1f},"
                   f"{-18 + 54 * math.sin(end):.1f}Z", tones[n])  # fmt: skip
            start = end
        c.oval(0, -18, 26, 26, "#fbf8f2")
    else:
        c.line([(-72, 20), (-40, -6), (-8, 4), (26, -34), (70, -58)], tones[0], 7)
        c.line([(-72, 34), (-40, 22), (-8, 28), (26, 4), (70, -8)], tones[1], 7)

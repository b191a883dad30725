"""Scenes under the sky: fields, a race track, a harbour, hills."""

from __future__ import annotations

import math
from collections.abc import Callable

from drawing.kit import Camera, Canvas, Point, car, scatter


def castilian_plain() -> Canvas:
    """Evening over cereal fields: wind turbines, flat-topped hills and a long factory roof."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #1f3d68, .22 #5b7aa3, .38 #d9a98c, .5 #ffd9a0, .52 #ffe6b8, 1 #7a4a1c")
    c.glow(1280, 590, 760, "#ffb65c", 0.95)
    c.glow(1280, 596, 190, "#fff3d0", 1)
    with c.group(filter=c.blur(9)):
        for n in range(16):
            x, y = scatter(n, 1) * 1900 - 50, 70 + scatter(n, 2) * 400
            warm = c.linear("0 #ffe3bf .75, 1 #c98a86 .05")
            c.oval(x, y, 120 + 260 * scatter(n, 3), 5 + 15 * scatter(n, 4) * (1 - y / 700), warm, opacity=0.75)
    c.path("M0,612 L0,560 L170,556 L215,530 L560,526 L620,566 L900,572 L950,548 L1240,545 L1290,580 "
           "L1800,574 L1800,640 L0,640Z",
           c.linear("0 #8f7f95, 1 #d8a983"))  # fmt: skip
    c.path(
        "M0,640 L0,596 C300,586 420,600 640,598 C900,590 1200,606 1800,592 L1800,640Z", c.linear("0 #a97f68, 1 #c4905f")
    )
    for x, y, size, turn in (
        (1010, 610, 210, 12),
        (1150, 606, 150, 50),
        (1420, 612, 270, 80),
        (1600, 608, 185, 34),
        (760, 602, 120, 66),
    ):
        _turbine(c, x, y, size, turn)
    _factory(c, 120, 622)
    eye = Camera(1280, 612, 900, 6)
    for n in range(-46, 40):
        a, b = n * 3.2, n * 3.2 + 3.2
        tone = ("#dca54c", "#c78b38", "#e6b45e", "#b67a2e")[int(scatter(n, 9) * 4)]
        quad = [eye(a, 0, 9), eye(b, 0, 9), eye(b, 0, 900), eye(a, 0, 900)]
        c.poly(quad, tone)
    c.rect(0, 612, 1800, 590, c.linear("0 #ffdf9d .85, .1 #f0b25a .35, .45 #6b3d12 .25, 1 #1d0f05 .85"))
    with c.group(style="mix-blend-mode:screen"):
        c.rect(0, 610, 1800, 600, c.radial(1280, 612, 600, "0 #ffcf80 .8, 1 #ffb04a 0"))
    c.poly(
        [eye(-7, 0, 9), eye(-3.2, 0, 9), eye(-3.2, 0, 900), eye(-7, 0, 900)],
        c.linear("0 #ffe8c2, .3 #c9a27a, 1 #4a3523"),
    )
    _tractor_dust(c)
    with c.group(filter=c.blur(3.2)):
        for n in range(260):
            x = scatter(n, 21) * 1840 - 20
            root = 1215.0
            lean = (scatter(n, 22) - 0.35) * 90
            top = 1215 - 90 - 170 * scatter(n, 23)
            tint = ("#3b2209", "#5b370f", "#8a5a1c", "#c08a38")[int(scatter(n, 24) * 4)]
            c.path(
                f"M{x:.0f},{root} Q{x:.0f},{(root + top) / 2:.0f} {x + lean:.0f},{top:.0f}", stroke=tint, stroke_width=3
            )
            with c.group(transform=f"translate({x + lean:.0f} {top:.0f}) rotate({lean * 0.5:.0f})"):
                c.oval(0, -16, 6, 24, tint)
    return c


def _turbine(c: Canvas, x: float, y: float, size: float, turn: float) -> None:
    white = c.linear("0 #fff7e8, .5 #e3cdb8, 1 #a88d84", x2=1, y2=0)
    c.poly(
        [(x - size * 0.016, y), (x - size * 0.007, y - size), (x + size * 0.007, y - size), (x + size * 0.016, y)],
        white,
    )
    for blade in range(3):
        with c.group(transform=f"rotate({turn + blade * 120} {x} {y - size})"):
            c.path(f"M{x - size * 0.008},{y - size} C{x - size * 0.05},{y - size * 1.2} "
                   f"{x - size * 0.012},{y - size * 1.5} "
                   f"{x},{y - size * 1.62} C{x + size * 0.012},{y - size * 1.4} {x + size * 0.012},{y - size * 1.15} "
                   f"{x + size * 0.008},{y - size}Z", white)  # fmt: skip
    c.oval(x, y - size, size * 0.022, size * 0.022, "#f4e4d2")


def _factory(c: Canvas, x: float, y: float) -> None:
    c.rect(x, y - 76, 560, 76, c.linear("0 #e2b995, 1 #8d6455"))
    for n in range(8):
        left = x + n * 70
        c.poly([(left, y - 76), (left, y - 108), (left + 70, y - 76)], "#6d5560")
        c.poly([(left, y - 108), (left + 6, y - 112), (left + 76, y - 76), (left + 70, y - 76)], "#ffe0ae")
    for n in range(20):
        c.rect(x + 16 + n * 27, y - 54, 17, 20, "#ffefc4" if scatter(n, 5) > 0.3 else "#6b5a60", opacity=0.9)
    c.rect(x + 556, y - 96, 74, 96, c.linear("0 #d9a982, 1 #7c5750"))
    c.rect(x + 600, y - 170, 13, 90, c.linear("0 #f3d0a9, 1 #8f6a5c", x2=1, y2=0))
    c.rect(x - 20, y - 4, 670, 10, "#5a4038", opacity=0.6, filter=c.blur(5))


def _tractor_dust(c: Canvas) -> None:
    with c.group(filter=c.blur(16)):
        for n in range(5):
            c.oval(560 + n * 120, 690 - n * 9, 150 - n * 20, 22 - n * 3, "#ffdca0", opacity=0.16)


def test_track() -> Canvas:
    """Dusk on a test track: a low car leaves a trail of light through a long bend."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #141c3d, .2 #3a3566, .36 #a2556c, .45 #f08a5a, .5 #ffc27a, 1 #171310")
    c.glow(520, 560, 800, "#ff9350", 0.75)
    with c.group(filter=c.blur(10)):
        for n in range(13):
            c.oval(
                scatter(n, 5) * 1900,
                90 + scatter(n, 6) * 330,
                150 + 230 * scatter(n, 7),
                5 + 11 * scatter(n, 8),
                "#ff9d7c",
                opacity=0.34,
            )
    c.ridge(585, 150, 0.6, c.linear("0 #6a4a6e, .3 #a9606a", 0, 430, 0, 620, px=True), waves=3)
    c.ridge(600, 90, 2.4, c.linear("0 #4a3557, .3 #74435a", 0, 500, 0, 620, px=True), waves=5)
    c.ridge(610, 44, 4.0, "#2c2340", waves=9)
    eye = Camera(900, 575, 950, 3.4)

    def bend(away: float) -> float:
        return 26 * (1 - math.exp(-(((away - 7) / 46) ** 2))) - 0.0042 * (away - 8) ** 2 - 3.6

    far = [4.2 * 1.035**n for n in range(112)]
    far = [z for z in far if z < 190]

    def edge(offset: float, up: float = 0) -> list[Point]:
        return [eye(bend(z) + offset, up, z) for z in far]

    def ribbon(a: float, b: float, fill: str, **more: object) -> None:
        c.poly(edge(a) + edge(b)[::-1], fill, **more)

    c.rect(0, 596, 1800, 620, c.linear("0 #473443, .25 #26252b, 1 #0d0f10"))
    ribbon(-30, -7, c.linear("0 #51503c, 1 #141a12"))
    ribbon(-8.6, 8.6, c.linear("0 #8a6a66, .25 #54474f, 1 #191a20"))
    ribbon(-6.4, 6.4, c.linear("0 #b98676, .22 #5d4e58, .6 #33303a, 1 #17181f"))
    for side in (-1, 1):
        for n in range(len(far) - 1):
            a, b = far[n], far[n + 1]
            quad = [eye(bend(a) + side * 6.4, 0, a), eye(bend(a) + side * 7.5, 0.08, a),
                    eye(bend(b) + side * 7.5, 0.08, b), eye(bend(b) + side * 6.4, 0, b)]  # fmt: skip
            c.poly(quad, ("#e8ddd2", "#c4312c")[n // 2 % 2], opacity=0.92 if a > 14 else 0.75)
    _floodlights(c, eye, bend, far)
    with c.group(style="mix-blend-mode:screen"):
        for n, shift in enumerate((-1.0, -0.86, 0.86, 1.0)):
            trail = [eye(bend(z) + 0.4 + shift, 0.72 + 0.05 * (n % 2), z) for z in far if z > 18]
            c.line(trail, "#ff2b1e", 16, opacity=0.4, filter=c.blur(11))
            c.line(trail, "#ff5a3c", 5, opacity=0.9, filter=c.blur(2))
            c.line(trail, "#ffd9b8", 1.6, opacity=0.9)
    _sports_car(c, *eye(bend(17.2) + 0.4, 0, 17.2), scale=950 / 17.2 / 100)
    c.rect(0, 900, 1800, 300, c.linear("0 #05060a 0, 1 #05060a .75"))
    return c


def _floodlights(c: Canvas, eye: Camera, bend: Callable[[float], float], far: list[float]) -> None:
    for z in far[::-1]:
        if z < 24:
            continue
        x, y = eye(bend(z) + 11.5, 0, z)
        _, top = eye(0, 6.5, z)
        if int(z) % 4 == 0:
            c.line([(x, y), (x, top)], "#1b1622", max(1.2, 90 / z))
            c.glow(x, top, 900 / z, "#ffe2b0", 0.9)


def _sports_car(c: Canvas, x: float, y: float, scale: float) -> None:
    with c.group(transform=f"translate({x:.1f} {y:.1f}) scale({scale:.4f})"):
        c.oval(0, 0, 150, 18, "#000", opacity=0.7, filter=c.blur(8))
        c.path("M-96,-10 L-96,-34 L-64,-34 L-64,-2 L-94,-2Z M96,-10 L96,-34 L64,-34 L64,-2 L94,-2Z", "#050507")
        c.path("M-104,-22 C-110,-50 -104,-72 -92,-80 C-78,-84 -70,-86 -64,-88 C-50,-112 -34,-122 0,-122 "
               "C34,-122 50,-112 64,-88 "
               "C70,-86 78,-84 92,-80 C104,-72 110,-50 104,-22 Z",
               c.linear("0 #f2553c, .35 #b81f1c, 1 #30080b"))  # fmt: skip
        c.path(
            "M-54,-90 C-44,-108 -30,-115 0,-115 C30,-115 44,-108 54,-90Z", c.linear("0 #ffcfa4, .5 #3a2b3a, 1 #16131c")
        )
        c.path("M-98,-72 C-60,-80 60,-80 98,-72 L96,-66 C60,-73 -60,-73 -96,-66Z", "#ff9d80", opacity=0.8)
        c.path("M-92,-30 L92,-30 L80,-12 L-80,-12Z", "#0b0a0e")
        for side in (-1, 1):
            c.rect(-92 if side < 0 else 46, -62, 46, 8, "#ff3a26", rx=4)
            c.rect(-90 if side < 0 else 48, -60, 42, 3, "#ffe6da", rx=1.5)
        c.rect(-46, -60, 92, 3, "#ff4a34", opacity=0.8)
    for side in (-1, 1):
        c.glow(x + side * 69 * scale, y - 58 * scale, 90 * scale, "#ff3018", 0.85)


def harbour() -> Canvas:
    """Sunrise at an estuary: a car carrier at the quay and rows of new cars waiting."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #2d5a86, .2 #7fa3b8, .38 #f0c9a4, .47 #ffe0b0, .5 #ffd09a, 1 #20303c")
    c.glow(380, 520, 820, "#ffc27a", 0.85)
    c.glow(380, 528, 120, "#fff6dd", 1)
    with c.group(filter=c.blur(12)):
        for n in range(14):
            c.oval(
                scatter(n, 31) * 1900,
                60 + scatter(n, 32) * 330,
                150 + 250 * scatter(n, 33),
                8 + 16 * scatter(n, 34),
                "#fff0dc",
                opacity=0.5,
            )
    c.ridge(556, 70, 1.2, c.linear("0 #9a93a0, 1 #dcb69c", 0, 480, 0, 590, px=True), waves=3)
    c.ridge(570, 34, 3.3, c.linear("0 #77788a, 1 #b99a8d", 0, 530, 0, 600, px=True), waves=6)
    _bridge(c)
    c.rect(0, 574, 1800, 240, c.linear("0 #ffdcae, .2 #c7b6a6, .6 #5f8496, 1 #2b5066"))
    with c.group(filter=c.blur(1.2)):
        for n in range(210):
            y = 580 + 210 * scatter(n, 41) ** 1.4
            near = abs(scatter(n, 42) - 0.5)
            x = 380 + (scatter(n, 42) - 0.5) * (300 + (y - 575) * 8)
            c.oval(x, y, 12 + (y - 575) * 0.25, 1.2 + (y - 575) * 0.008, "#fff1cf", opacity=0.75 * (1 - near))
    _carrier(c)
    for x, size in ((70, 1.0), (250, 0.82)):
        _crane(c, x, 590, size)
    for x, y, wing in ((560, 200, 26), (640, 168, 18), (700, 236, 15), (470, 262, 13)):
        c.path(f"M{x - wing},{y - wing * 0.3:.0f} Q{x - wing * 0.4:.0f},{y - wing * 0.5:.0f} {x},{y} "
               f"Q{x + wing * 0.4:.0f},{y - wing * 0.5:.0f} "
               f"{x + wing},{y - wing * 0.35:.0f}", stroke="#41556a", stroke_width=3)  # fmt: skip
    c.poly([(0, 812), (1800, 752), (1800, 1200), (0, 1200)], c.linear("0 #a59486, .25 #6f6964, 1 #2a2c2f"))
    c.poly([(0, 812), (1800, 752), (1800, 764), (0, 828)], "#e6cfae")
    for n in range(9):
        c.rect(60 + n * 205, 792 - n * 7, 20, 22, "#3a3a3c", rx=5)
    _parked(c)
    c.rect(0, 960, 1800, 240, c.linear("0 #0b1118 0, 1 #0b1118 .7"))
    return c


def _bridge(c: Canvas) -> None:
    for tower in (620, 930):
        c.rect(tower, 372, 12, 206, c.linear("0 #c05a44, 1 #a56a5c"))
        c.rect(tower + 22, 372, 12, 206, c.linear("0 #a54a38, 1 #97625a"))
        for y in (390, 430, 470, 510):
            c.rect(tower, y, 34, 5, "#9c4c3c")
    c.path("M330,546 Q520,520 637,374 Q790,640 947,374 Q1080,524 1290,550", stroke="#b0604e", stroke_width=4)
    c.rect(300, 540, 1040, 7, "#a2604f")
    for n in range(60):
        x = 345 + n * 15.6
        c.line([(x, 541), (x, 541 - _hang(x))], "#b0705e", 1, opacity=0.6)


def _hang(x: float) -> float:
    nearest = min(abs(x - 637), abs(x - 947))
    return max(0.0, 165 * max(0.0, 1 - nearest / 175) ** 2)


def _carrier(c: Canvas) -> None:
    side = c.linear("0 #fdf4e6, .7 #e6d9cb, 1 #c8bfb8")
    c.poly([(880, 330), (1755, 282), (1800, 282), (1800, 640), (930, 640), (872, 430)], side)
    c.poly(
        [(872, 430), (880, 330), (1040, 322), (1030, 640), (930, 640)],
        c.linear("0 #fff0d6 .9, 1 #fff0d6 0", x2=1, y2=0),
    )
    c.poly([(842, 560), (930, 575), (1800, 575), (1800, 772), (985, 788)], c.linear("0 #1f4a78, 1 #0d2540"))
    c.poly([(842, 560), (930, 575), (1000, 575), (1060, 785), (985, 788)], "#3a6a98", opacity=0.8)
    c.poly([(964, 742), (1800, 724), (1800, 772), (985, 788)], "#8b2c27")
    for row in range(4):
        c.line([(912 + row * 5, 372 + row * 48), (1800, 334 + row * 60)], "#b7aca3", 2, opacity=0.7)
    for n in range(15):
        c.rect(1000 + n * 54, 306 - n * 2.8, 20, 11, "#4d6072")
    c.rect(1120, 246, 230, 64, c.linear("0 #fff7ea, 1 #d9cdc2"))
    c.rect(1126, 256, 218, 15, "#2c4257")
    c.rect(1440, 222, 78, 76, c.linear("0 #2e5f92, 1 #173657"))
    c.rect(1440, 240, 78, 12, "#ffcb6b")
    c.rect(1226, 188, 6, 60, "#e6dccf")
    c.line([(1204, 204), (1254, 204)], "#e6dccf", 4)
    c.poly([(1380, 575), (1560, 575), (1560, 742), (1380, 748)], "#0a1826")
    c.poly([(1392, 744), (1548, 740), (1640, 806), (1330, 818)], c.linear("0 #5a6670, 1 #9c9a94"))


def _crane(c: Canvas, x: float, y: float, s: float) -> None:
    ink = "#46586a"
    for leg in (0, 90):
        c.line([(x + leg * s, y), (x + leg * s, y - 300 * s)], ink, 9 * s)
    c.line([(x, y - 90 * s), (x + 90 * s, y - 200 * s)], ink, 5 * s)
    c.line([(x - 120 * s, y - 250 * s), (x + 330 * s, y - 250 * s)], ink, 11 * s)
    c.line([(x + 45 * s, y - 360 * s), (x + 320 * s, y - 250 * s)], ink, 3 * s)
    c.line([(x + 45 * s, y - 360 * s), (x - 110 * s, y - 250 * s)], ink, 3 * s)
    c.line([(x + 45 * s, y - 360 * s), (x + 45 * s, y - 250 * s)], ink, 8 * s)


def _parked(c: Canvas) -> None:
    paints = (("#f6f1ea", "#cfcac4", "#6d6c6c"), ("#8fb2cc", "#3f6d92", "#17334a"), ("#e6a08a", "#b23f30", "#521814"),
              ("#d9dcdd", "#8f979c", "#3d4448"), ("#6e757c", "#2d343b", "#0f1316"),
              ("#f3d59a", "#c9943c", "#5c3e12"))  # fmt: skip
    for row, (y, scale) in enumerate(((872, 0.2), (938, 0.27), (1030, 0.37), (1160, 0.52))):
        count = int(1800 / (930 * scale)) + 2
        for n in range(count):
            x = -160 * scale - row * 60 + n * 950 * scale
            car(c, x, y, scale, paints[int(scatter(n + row * 31, 51) * 6)])


def charging() -> Canvas:
    """Morning in the Beskydy hills: an electric car at a charging post above a valley of mist."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #4f86b0, .25 #a8c8d6, .42 #f4e2c4, .5 #ffe9c4, 1 #223018")
    c.glow(1430, 330, 760, "#ffdd9c", 0.9)
    c.glow(1430, 330, 130, "#fffbe8", 1)
    with c.group(filter=c.blur(14)):
        for n in range(9):
            c.oval(
                scatter(n, 61) * 1800,
                60 + scatter(n, 62) * 220,
                150 + 200 * scatter(n, 63),
                10 + 16 * scatter(n, 64),
                "#fff",
                opacity=0.5,
            )
    for base, rise, salt, top, low, waves in (
        (520, 190, 0.4, "#a9bfc8", "#e8dcc6", 2.2), (575, 170, 2.1, "#82a3ac", "#dcd6bf", 2.8),
        (640, 150, 3.7, "#5d858a", "#c3cdb4", 3.2), (715, 120, 5.2, "#3c6660", "#9eb59a", 3.8),
    ):  # fmt: skip
        c.ridge(base, rise, salt, c.linear(f"0 {top}, 1 {low}", 0, base - rise, 0, base + 130, px=True), waves=waves)
        c.oval(900, base + 70, 1300, 40, "#fff6e2", opacity=0.45, filter=c.blur(26))
    for n in range(150):
        x = n * 12.4 + scatter(n, 71) * 10 - 20
        _spruce(c, x, 800 + 10 * math.sin(x / 160), 40 + 62 * scatter(n, 72), "#21443c" if n % 3 else "#2c5446")
    c.path("M0,800 C400,780 900,796 1800,776 L1800,1200 L0,1200Z", c.linear("0 #8aa04e, .2 #4f6d34, 1 #1a2812"))
    c.rect(0, 776, 1800, 120, c.radial(1430, 790, 700, "0 #ffe79c .6, 1 #ffe79c 0"))
    c.path("M0,910 C500,884 1200,884 1800,900 L1800,1200 L0,1200Z", c.linear("0 #9c968c, .15 #6b6a68, 1 #26282b"))
    c.path("M0,908 C500,882 1200,882 1800,898 L1800,910 C1200,894 500,894 0,922Z", "#d9cfbd")
    for n in range(3):
        c.line([(420 + n * 520, 912), (260 + n * 620, 1200)], "#e9e4da", 9, opacity=0.5)
    car(c, 330, 1000, 1.12, ("#eaf4f6", "#7fb4c0", "#1f4954"))
    c.oval(820, 1010, 640, 16, "#ffdca0", opacity=0.12, filter=c.blur(8))
    _charger(c, 1420, 1004)
    c.path("M1424,800 C1360,1000 1220,960 1262,846", stroke="#15181b", stroke_width=13)
    c.path("M1422,800 C1357,996 1219,956 1260,846", stroke="#5d666d", stroke_width=3)
    c.rect(1244, 822, 34, 30, "#14181b", rx=8)
    c.glow(1262, 838, 60, "#78ffc8", 0.7)
    with c.group(filter=c.blur(5)):
        for n in range(90):
            x = scatter(n, 81) * 1840 - 20
            tall = 50 + 120 * scatter(n, 82) * (1.6 if x < 300 or x > 1560 else 0.5)
            c.path(f"M{x:.0f},1210 Q{x:.0f},{1210 - tall / 2:.0f} "
                   f"{x + (scatter(n, 83) - 0.5) * 60:.0f},{1210 - tall:.0f}",
                   stroke=("#1c2b12", "#33491c", "#6b7e2e")[n % 3], stroke_width=5)  # fmt: skip
    return c


def _spruce(c: Canvas, x: float, y: float, tall: float, ink: str) -> None:
    wide = tall * 0.2
    points: list[Point] = [(x, y - tall)]
    for n in range(1, 5):
        down = y - tall + tall * n / 4
        points += [(x + wide * n / 4, down), (x + wide * n / 7, down - tall * 0.02)]
    mirrored = [(2 * x - px, py) for px, py in points[:0:-1]]
    c.poly(points + mirrored, ink)


def _charger(c: Canvas, x: float, y: float) -> None:
    c.oval(x + 50, y, 110, 14, "#000", opacity=0.5, filter=c.blur(8))
    c.rect(x - 6, y - 20, 112, 20, "#3b4146", rx=4)
    c.rect(x, y - 380, 100, 366, c.linear("0 #ffffff, .55 #dfe5e6, 1 #8d979b", x2=1, y2=0), rx=20)
    c.rect(x, y - 380, 100, 60, c.linear("0 #35b48c, 1 #1d8a6a"), rx=20)
    c.rect(x, y - 344, 100, 30, "#1d8a6a")
    c.path(
        f"M{x + 56},{y - 372} L{x + 36},{y - 346} L{x + 50},{y - 346} L{x + 44},{y - 324} "
        f"L{x + 66},{y - 352} L{x + 52},{y - 352}Z",
        "#fff",
    )
    c.rect(x + 16, y - 296, 68, 84, "#10222b", rx=8)
    for n in range(5):
        c.rect(x + 24 + n * 11, y - 232 - n * 9, 7, 12 + n * 9, "#6ff0bd" if n < 4 else "#2a4a4f", rx=2)
    c.rect(x + 22, y - 284, 34, 7, "#cfeee2", rx=3)
    c.rect(x + 30, y - 190, 40, 26, "#252b2f", rx=8)
    c.glow(x + 50, y - 254, 120, "#58f0b4", 0.35)

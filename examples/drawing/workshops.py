"""Scenes from benches, lines and test stands."""

from __future__ import annotations

import math

from drawing.kit import Camera, Canvas, Point, car, scatter, standing

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
        c.path(f"M{1190 + shift},{520 + shift / 3} C1400,{400 + shift} 1560,{520 + shift} 1640,{760 + shift} S1500,1080 1800,{1110 + shift}",
               stroke="#6e2405", stroke_width=30)  # fmt: skip
        c.path(f"M{1190 + shift},{520 + shift / 3} C1400,{400 + shift} 1560,{520 + shift} 1640,{760 + shift} S1500,1080 1800,{1110 + shift}",
               stroke="#f07a22", stroke_width=23)  # fmt: skip
        c.path(f"M{1188 + shift},{514 + shift / 3} C1396,{394 + shift} 1554,{514 + shift} 1634,{756 + shift} S1494,1074 1794,{1104 + shift}",
               stroke="#ffc58c", stroke_width=5, opacity=0.8)  # fmt: skip
    _meter(c, 130, 880)
    c.path("M280,900 C420,1090 620,1000 560,760 C520,600 470,420 560,380", stroke="#120d0d", stroke_width=10)
    c.path("M300,910 C600,1180 1180,1060 1150,800 C1130,620 1240,360 1120,300", stroke="#a1201c", stroke_width=10)
    _hand(c, 1)
    _hand(c, -1)
    c.glow(*at(5.4, 2.5, 3.6), 300, "#fff1d0", 0.35)
    return c


def _block(c: Canvas, at: object, x: float, y: float, w: float, d: float, h: float, tones: tuple[str, str, str]) -> None:
    top, front, side = tones
    p = at  # type: ignore[assignment]
    a, b, e, f = p(x, y, 0), p(x + w, y, 0), p(x + w, y, h), p(x, y, h)  # type: ignore[operator]
    g, k, m = p(x + w, y + d, 0), p(x + w, y + d, h), p(x, y + d, h)  # type: ignore[operator]
    c.poly([b, g, k, e], side)
    c.poly([a, b, e, f], c.linear(f"0 {top}, .14 {front}, 1 {side}"))
    c.poly([f, e, k, m], c.linear(f"0 {front}, 1 {top}"))
    c.line([f, e], "#fff", 2, opacity=0.5)


def _terminals(c: Canvas, at: object, n: int) -> None:
    for y in (1.1, 3.9):
        x, top = at(n + 0.48, y, 3.5)  # type: ignore[operator]
        c.oval(x, top, 22, 12, c.linear("0 #fff, 1 #7c8a90"))
        c.oval(x, top - 5, 14, 7, c.linear("0 #fff7ea, 1 #b5a999"))
    x, top = at(n + 0.48, 2.5, 3.42)  # type: ignore[operator]
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
    where = {"a": ((3, 0), (21, 0)), "b": ((24, 3), (24, 21)), "c": ((24, 27), (24, 45)), "d": ((3, 48), (21, 48)), "g": ((3, 24), (21, 24))}
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
    tip = (1016, 512) if side > 0 else (690, 532)

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
    c.limb(p(720, -250), 128, p(452, -150), 104, *SLEEVE)
    c.limb(p(452, -146), 96, p(392, -120), 90, "#d8722a", "#6b260a")
    c.limb(p(400, -118), 88, p(300, -88), 76, lit, dark)
    c.limb(p(310, -132), 46, p(196, -150), 34, lit, dark)
    c.limb(p(196, -150), 34, p(112, -92), 24, lit, dark)
    c.limb(p(310, -60), 48, p(206, -48), 36, lit, dark)
    c.limb(p(206, -48), 36, p(128, -64), 26, lit, dark)
    for a, b in (((392, -190), (372, -50)), ((420, -200), (402, -50))):
        c.line([p(*a), p(*b)], "#7a2c0c", 5, opacity=0.6)


def robot_line() -> Canvas:
    """Robots weld a car body; the line runs away into a bright hall."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #0e2230, .3 #2a5266, .5 #a9cbd0, .56 #e8efe6, .6 #6a8790, 1 #0d161c")
    eye = Camera(930, 590, 800, 2.2)
    c.glow(930, 560, 640, "#f6fff4", 0.8)
    for n in range(12, 0, -1):
        z = 3 + n * 4.2
        for x in (-9, 9):
            c.line([eye(x, 0, z), eye(x, 7, z)], "#17333f", 240 / z, opacity=0.9 - n * 0.06)
        c.line([eye(-9, 7, z), eye(9, 7, z)], "#17333f", 220 / z, opacity=0.9 - n * 0.06)
        for k in range(6):
            a, b = eye(-9 + k * 3, 7, z), eye(-7.5 + k * 3, 7.9, z)
            c.line([a, b, eye(-6 + k * 3, 7, z)], "#1e4250", 80 / z, opacity=0.8 - n * 0.06)
        for x in (-5, 0, 5):
            c.line([eye(x - 1.1, 6.7, z), eye(x + 1.1, 6.7, z)], "#f4ffff", 130 / z, opacity=0.95)
            c.glow(*eye(x, 6.7, z), 900 / z, "#dffaff", 0.5)
    c.poly([eye(-14, 0, 2.6), eye(14, 0, 2.6), eye(14, 0, 90), eye(-14, 0, 90)], c.linear("0 #d3dedb, .15 #7c979c, .6 #2f4650, 1 #101b22"))
    for x in (-3.4, 3.4):
        c.poly([eye(x - 0.12, 0, 2.6), eye(x + 0.12, 0, 2.6), eye(x + 0.12, 0, 90), eye(x - 0.12, 0, 90)], "#f2b544", opacity=0.9)
    for x, y, s, haze in ((700, 640, 0.3, 0.5), (1150, 640, 0.3, 0.5), (520, 700, 0.52, 0.25), (1330, 700, 0.52, 0.25)):
        _robot(c, x, y, s, 1 if x < 900 else -1)
        c.oval(x, y - 200 * s, 300 * s, 330 * s, c.radial(x, y - 200 * s, 330 * s, f"0 #cfe6e6 {haze}, 1 #cfe6e6 0"))
    for y, s in ((676, 0.26), (730, 0.4)):
        _body_shell(c, 930 - 440 * s, y, s)
    _body_shell(c, 420, 920, 1.12)
    _robot(c, 210, 960, 1.16, 1)
    _robot(c, 1630, 960, 1.16, -1)
    for x, y, salt in ((706, 606, 1), (1184, 618, 2)):
        _sparks(c, x, y, salt)
    c.rect(0, 900, 1800, 300, c.linear("0 #060c10 0, 1 #060c10 .8"))
    return c


def _body_shell(c: Canvas, x: float, y: float, s: float) -> None:
    with c.group(transform=f"translate({x} {y - 300 * s}) scale({s})"):
        c.rect(20, 268, 840, 16, "#26343b", rx=6)
        for leg in (150, 720):
            c.poly([(leg, 284), (leg + 40, 284), (leg + 60, 340), (leg - 20, 340)], "#1a262c")
        c.path("M40,258 C20,250 18,222 26,196 C36,172 76,152 132,142 L250,120 C320,60 390,32 480,30 C590,28 676,50 758,104 C802,110 "
               "848,122 858,148 C872,178 872,225 860,258 L786,262 A86 86 0 0 0 614,262 L279,264 A86 86 0 0 0 106,262Z",
               c.linear("0 #f4f8f8, .35 #c3ced2, .55 #8a9aa1, .7 #aebabf, 1 #47555c"))  # fmt: skip
        c.path("M268,124 C332,74 396,50 474,49 L470,122Z M494,49 C560,48 606,56 636,66 L652,118 L500,121Z M662,72 L728,108 L690,116 L676,117Z",
               c.linear("0 #3d5c68, 1 #1b2c34"))  # fmt: skip
        c.path("M478,130 C484,180 482,226 474,258 M660,122 C668,160 650,196 632,204 M300,134 C288,180 290,232 300,258",
               stroke="#33434a", stroke_width=5)  # fmt: skip
        c.path("M30,196 C260,170 640,164 866,180", stroke="#fff", stroke_width=4, opacity=0.7)
        c.oval(444, 90, 300, 40, "#fff", opacity=0.14, filter=c.blur(8))
        for n in range(18):
            c.oval(300 + n * 20, 240, 3, 3, "#3a4a52")


def _robot(c: Canvas, x: float, y: float, s: float, side: int) -> None:
    lit, dark = "#ffb054", "#93340c"

    def p(px: float, py: float) -> Point:
        return x + side * px * s, y - py * s

    c.oval(*p(0, 0), 150 * s, 26 * s, "#000", opacity=0.55, filter=c.blur(10 * s))
    c.poly([p(-110, 0), p(110, 0), p(78, 60), p(-78, 60)], "#2a343a")
    c.limb(p(0, 40), 84 * s, p(0, 120), 74 * s, lit, dark)
    c.limb(p(-10, 150), 70 * s, p(-70, 470), 52 * s, lit, dark)
    c.limb(p(-112, 180), 18 * s, p(-150, 440), 14 * s, "#59656c", "#161c20")
    c.limb(p(-70, 480), 66 * s, p(170, 520), 46 * s, lit, dark)
    c.limb(p(170, 520), 42 * s, p(300, 470), 32 * s, lit, dark)
    c.limb(p(300, 470), 30 * s, p(352, 410), 24 * s, "#7f8b92", "#1d2428")
    for joint, r in (((-6, 150), 50), ((-70, 476), 46), ((172, 520), 32)):
        c.oval(*p(*joint), r * s, r * s, c.linear("0 #59656d, 1 #12171a"))
        c.oval(*p(*joint), r * 0.62 * s, r * 0.62 * s, c.linear("0 #2c353a, 1 #566269"))
    c.line([p(352, 410), p(424, 380), p(430, 330)], "#a7b1b6", 15 * s)
    c.line([p(352, 410), p(372, 330), p(418, 306)], "#8b969c", 15 * s)
    c.path(f"M{p(-80, 530)[0]},{p(0, 530)[1]} C{p(0, 640)[0]},{p(0, 640)[1]} {p(180, 640)[0]},{p(0, 620)[1]} {p(300, 500)[0]},{p(0, 500)[1]}",
           stroke="#14191c", stroke_width=15 * s)  # fmt: skip


def _sparks(c: Canvas, x: float, y: float, salt: int) -> None:
    c.glow(x, y, 320, "#ffc46a", 0.9)
    c.glow(x, y, 70, "#ffffff", 1)
    for n in range(90):
        angle, reach = math.tau * scatter(n, salt), 50 + 260 * scatter(n, salt + 0.3) ** 2
        ex, ey = x + reach * math.cos(angle), y + reach * 0.8 * math.sin(angle) + reach * reach / 900
        mx, my = x + reach * 0.55 * math.cos(angle), y + reach * 0.42 * math.sin(angle)
        c.path(f"M{mx:.0f},{my:.0f} Q{(mx + ex) / 2:.0f},{(my + ey) / 2 - 8:.0f} {ex:.0f},{ey:.0f}",
               stroke=("#fff6da", "#ffd27a", "#ff9a3c")[n % 3], stroke_width=1 + 2.4 * scatter(n, 8), stroke_linecap="round")  # fmt: skip


def wind_tunnel() -> Canvas:
    """Threads of smoke run over a car in the wind tunnel."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #061522, .45 #123b55, .66 #2a6480, .68 #0f2a3a, 1 #050b10")
    c.oval(1130, 470, 520, 520, c.radial(1130, 470, 520, "0 #d9f4ff .9, .4 #6fb5d2 .6, .9 #1d516c .8, 1 #0b2433 1"))
    for n in range(14):
        with c.group(transform=f"rotate({n * 360 / 14 + 8} 1130 470)"):
            c.path("M1130,470 C1170,380 1240,200 1206,-26 L1084,-26 C1110,160 1110,330 1130,470Z",
                   c.linear("0 #0a2232 .85, 1 #3a7c9a .5", x2=1, y2=0))  # fmt: skip
    c.oval(1130, 470, 78, 78, c.linear("0 #e8f8ff, 1 #34647c"))
    c.add("circle", cx=1130, cy=470, r=520, fill="none", stroke="#9fd4e8", stroke_width=10, opacity=0.5)
    c.glow(1130, 440, 900, "#bfeaff", 0.35)
    c.rect(0, 800, 1800, 400, c.linear("0 #3f7f9a, .1 #1b4357, .5 #0b2230, 1 #03080c"))
    for n in range(9):
        c.line([(900 + (n - 4) * 130, 802), (900 + (n - 4) * 560, 1200)], "#5fa2bc", 2, opacity=0.22)
    c.oval(900, 952, 560, 42, "#0a1b26", opacity=0.9)
    c.oval(900, 948, 560, 40, c.linear("0 #2b6178, 1 #0f2c3b"))
    with c.group(style="mix-blend-mode:screen"):
        for k in range(15):
            d = _streamline(k)
            c.path(d, stroke="#9fe2ff", stroke_width=13, opacity=0.22, filter=c.blur(7))
            c.path(d, stroke="#e9faff", stroke_width=3.2 - k * 0.1, opacity=0.9 - k * 0.04)
    car(c, 360, 948, 1.2, ("#f6f9fa", "#9fb2bb", "#25333b"))
    for n in range(5):
        c.path(f"M1440,{800 + n * 26} q60,{-30 + n * 12} 110,6 t110,{10 - n * 6} t140,-4", stroke="#bfeeff", stroke_width=3, opacity=0.35, filter=c.blur(2))
    for n in range(15):
        c.rect(20, 240 + n * 40, 60, 6, "#cfdfe6", rx=3)
    c.rect(0, 220, 26, 600, c.linear("0 #d4e4ea, 1 #4a6a78", x2=1, y2=0))
    return c


def _streamline(k: int) -> str:
    points = []
    for x in range(60, 1840, 20):
        u = (x - 900) / 560
        bump = math.exp(-(((u - 0.06) / 0.62) ** 4)) + 0.35 * math.exp(-(((u + 0.68) / 0.28) ** 2))
        lift = 262 * bump * math.exp(-k / 9)
        wake = 9 * math.sin(x / 46 + k) * max(0.0, u - 0.75) * math.exp(-k / 5)
        points.append(f"{x},{822 - 40 * k * (1 - 0.016 * k) - lift + wake:.1f}")
    return "M" + " L".join(points)


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
            c.path(f"M{1026 + n * 14},296 A84 224 0 0 1 {1026 + n * 14},744", stroke="#151c20", stroke_width=2, opacity=0.5)
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
        c.line([(x + 76 * math.cos(a), y + 204 * math.sin(a)), (x - 24 + 62 * math.cos(a + 0.2), y + 172 * math.sin(a + 0.2))], "#5a2a0e", 25)
        c.line([(x + 76 * math.cos(a), y + 204 * math.sin(a)), (x - 24 + 62 * math.cos(a + 0.2), y + 172 * math.sin(a + 0.2))], lit, 17)
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
        c.poly(teeth, c.linear("0 #3b464b, 1 #14191b") if back else c.linear("0 #f7fafa, .5 #aab6ba, 1 #475358", x2=0.7))
    _ring(c, x, y, 132, "#d4dcdf", "#77858a")
    _ring(c, x + 2, y, 122, "#7f8d92", "#b9c4c8")
    for n in range(6):
        a = n * math.tau / 6
        c.oval(x + 30 * math.cos(a), y + 86 * math.sin(a), 9, 25, "#2b3539")
    _ring(c, x, y, 50, "#e8eef0", "#5f6d72")
    _ring(c, x, y, 34, "#1d2629", "#0b0f11")


def foundry() -> Canvas:
    """Glowing metal is poured; a founder in a helmet watches from a distance."""
    c = Canvas(1800, 1200)
    c.backdrop("0 #0a0708, .5 #24100a, .7 #3a190b, 1 #0a0505")
    for n in range(7):
        x = 120 + n * 280
        c.rect(x, 0, 34, 830, c.linear("0 #0c090a, .6 #3b1b10, 1 #60280f"))
        c.line([(x + 17, 130), (x + 157, 40), (x + 297, 130)], "#140c0b", 16)
    with c.group(filter=c.blur(20)):
        for n in range(5):
            c.rect(180 + n * 330, 190, 150, 210, "#29465a", opacity=0.55)
        c.rect(1500, 560, 200, 190, "#ff8a2c", opacity=0.7)
    c.rect(0, 820, 1800, 380, c.linear("0 #7a3412, .2 #3a190c, 1 #080405"))
    c.glow(960, 700, 900, "#ff6a14", 0.8)
    c.line([(820, 0), (820, 150)], "#0a0606", 16)
    c.line([(690, 270), (820, 140), (960, 262)], "#120a08", 20)
    with c.group(transform="rotate(24 800 370)"):
        c.path("M640,230 L1000,230 L960,560 C950,600 690,600 680,560Z", c.linear("0 #1a0f0d, .35 #5c2a18, .8 #2a1410, 1 #ff7a2a", x2=1, y2=0))
        c.rect(632, 222, 376, 34, c.linear("0 #8a3f1c, 1 #2a130c"), rx=8)
        c.oval(820, 226, 178, 26, c.linear("0 #fff2c0, 1 #ff9a2e"))
        for y in (330, 450):
            c.path(f"M{650 + (y - 230) * 0.12:.0f},{y} L{992 - (y - 230) * 0.12:.0f},{y}", stroke="#0c0706", stroke_width=14, opacity=0.7)
    pour = "M980,322 C1030,350 1052,430 1056,560 L1058,800 L1026,800 L1024,560 C1020,450 1000,400 958,362Z"
    c.path(pour, "#ff7a18", filter=c.blur(22))
    c.path(pour, c.linear("0 #fff8dc, .5 #ffe08a, 1 #ffb340"))
    c.rect(850, 800, 400, 130, c.linear("0 #46200f, 1 #150a07"), rx=10)
    c.poly([(880, 800), (1220, 800), (1190, 780), (910, 780)], c.linear("0 #fff1b8, 1 #ff8d24"))
    for n in range(4):
        c.rect(880 + n * 90, 830, 56, 70, "#0d0605", rx=4, opacity=0.7)
    c.glow(1042, 780, 560, "#ffb24a", 0.95)
    c.glow(1042, 784, 170, "#fff6d8", 1)
    c.glow(960, 330, 260, "#ffc667", 0.8)
    for n in range(200):
        angle, reach = -math.pi * scatter(n, 3), 60 + 620 * scatter(n, 4) ** 2
        x, y = 1042 + reach * math.cos(angle), 785 + reach * 0.8 * math.sin(angle) + reach**2 / 1500
        c.line([(x, y), (x + 10 * math.cos(angle), y + 12 * math.sin(angle) + reach / 40)],
               ("#fff3c8", "#ffc35a", "#ff8a2a")[n % 3], 1.2 + 2.8 * scatter(n, 5))  # fmt: skip
    c.oval(460, 1046, 170, 20, "#000", opacity=0.7, filter=c.blur(10))
    with c.group(transform="translate(920 0) scale(-1 1)"):
        standing(c, 460, 1050, 640, "#2c2a2c", "#191719", "#1a1412", "#ff9a4a")
        c.path("M412,470 C412,420 430,398 460,398 C490,398 508,420 508,470Z", c.linear("0 #ffb35e, .25 #c9a23a, 1 #4a3410", x2=1, y2=0))
        c.rect(402, 466, 116, 10, "#3a2a10", rx=5)
    c.rect(0, 960, 1800, 240, c.linear("0 #050203 0, 1 #050203 .7"))
    return c

"""Scenes in large halls: a welding line, a wind tunnel, a foundry."""

from __future__ import annotations

import math

from drawing.kit import Camera, Canvas, Point, car, scatter, standing


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
    c.poly(
        [eye(-14, 0, 2.6), eye(14, 0, 2.6), eye(14, 0, 90), eye(-14, 0, 90)],
        c.linear("0 #d3dedb, .15 #7c979c, .6 #2f4650, 1 #101b22"),
    )
    for x in (-3.4, 3.4):
        c.poly(
            [eye(x - 0.12, 0, 2.6), eye(x + 0.12, 0, 2.6), eye(x + 0.12, 0, 90), eye(x - 0.12, 0, 90)],
            "#f2b544",
            opacity=0.9,
        )
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
        c.path("M40,258 C20,250 18,222 26,196 C36,172 76,152 132,142 L250,120 C320,60 390,32 480,30 C590,28 "
               "676,50 758,104 C802,110 "
               "848,122 858,148 C872,178 872,225 860,258 L786,262 A86 86 0 0 0 614,262 L279,264 A86 86 0 0 "
               "0 106,262Z",
               c.linear("0 #f4f8f8, .35 #c3ced2, .55 #8a9aa1, .7 #aebabf, 1 #47555c"))  # fmt: skip
        c.path("M268,124 C332,74 396,50 474,49 L470,122Z M494,49 C560,48 606,56 636,66 L652,118 L500,121Z "
               "M662,72 L728,108 L690,116 L676,117Z",
               c.linear("0 #3d5c68, 1 #1b2c34"))  # fmt: skip
        c.path("M478,130 C484,180 482,226 474,258 M660,122 C668,160 650,196 632,204 M300,134 C288,180 "
               "290,232 300,258",
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
    c.path(f"M{p(-80, 530)[0]},{p(0, 530)[1]} C{p(0, 640)[0]},{p(0, 640)[1]} "
           f"{p(180, 640)[0]},{p(0, 620)[1]} {p(300, 500)[0]},{p(0, 500)[1]}",
           stroke="#14191c", stroke_width=15 * s)  # fmt: skip


def _sparks(c: Canvas, x: float, y: float, salt: int) -> None:
    c.glow(x, y, 320, "#ffc46a", 0.9)
    c.glow(x, y, 70, "#ffffff", 1)
    for n in range(90):
        angle, reach = math.tau * scatter(n, salt), 50 + 260 * scatter(n, salt + 0.3) ** 2
        ex, ey = x + reach * math.cos(angle), y + reach * 0.8 * math.sin(angle) + reach * reach / 900
        mx, my = x + reach * 0.55 * math.cos(angle), y + reach * 0.42 * math.sin(angle)
        c.path(f"M{mx:.0f},{my:.0f} Q{(mx + ex) / 2:.0f},{(my + ey) / 2 - 8:.0f} {ex:.0f},{ey:.0f}",
               stroke=("#fff6da", "#ffd27a", "#ff9a3c")[n % 3],
               stroke_width=1 + 2.4 * scatter(n, 8), stroke_linecap="round")  # fmt: skip


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
        with c.group(filter=c.blur(7)):
            for k in range(15):
                c.path(_streamline(k), stroke="#9fe2ff", stroke_width=13, opacity=0.22)
        for k in range(15):
            c.path(_streamline(k), stroke="#e9faff", stroke_width=3.2 - k * 0.1, opacity=0.9 - k * 0.04)
    car(c, 360, 948, 1.2, ("#f6f9fa", "#9fb2bb", "#25333b"))
    with c.group(filter=c.blur(2)):
        for n in range(5):
            c.path(
                f"M1440,{800 + n * 26} q60,{-30 + n * 12} 110,6 t110,{10 - n * 6} t140,-4",
                stroke="#bfeeff",
                stroke_width=3,
                opacity=0.35,
            )
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
        c.path(
            "M640,230 L1000,230 L960,560 C950,600 690,600 680,560Z",
            c.linear("0 #1a0f0d, .35 #5c2a18, .8 #2a1410, 1 #ff7a2a", x2=1, y2=0),
        )
        c.rect(632, 222, 376, 34, c.linear("0 #8a3f1c, 1 #2a130c"), rx=8)
        c.oval(820, 226, 178, 26, c.linear("0 #fff2c0, 1 #ff9a2e"))
        for y in (330, 450):
            c.path(
                f"M{650 + (y - 230) * 0.12:.0f},{y} L{992 - (y - 230) * 0.12:.0f},{y}",
                stroke="#0c0706",
                stroke_width=14,
                opacity=0.7,
            )
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
        c.path(
            "M412,470 C412,420 430,398 460,398 C490,398 508,420 508,470Z",
            c.linear("0 #ffb35e, .25 #c9a23a, 1 #4a3410", x2=1, y2=0),
        )
        c.rect(402, 466, 116, 10, "#3a2a10", rx=5)
    c.rect(0, 960, 1800, 240, c.linear("0 #050203 0, 1 #050203 .7"))
    return c

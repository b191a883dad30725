"""Paper, light and the things that several scenes share: cars, people seen from behind, a camera for perspective."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

Point = tuple[float, float]


def scatter(n: int, salt: float = 0.0) -> float:
    """Return a number in 0..1 that looks random and is the same on every machine."""
    return math.modf(abs(math.sin(n * 12.9898 + salt * 78.233 + 4.1)) * 43758.5453)[0]


def between(a: float, b: float, t: float) -> float:
    """Return the value at `t` (0..1) on the way from `a` to `b`."""
    return a + (b - a) * t


@dataclass(frozen=True)
class Camera:
    """A pinhole above the ground. Metres in, pixels out; the horizon lies at `y`."""

    x: float  # px: where parallels meet
    y: float
    focal: float  # px
    height: float  # m

    def __call__(self, across: float, up: float, away: float) -> Point:
        scale = self.focal / away
        return self.x + across * scale, self.y - (up - self.height) * scale


class Canvas:
    """One picture as SVG text, painted from back to front."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._defs: list[str] = []
        self._body: list[str] = []

    def svg(self) -> str:
        """Return the finished picture."""
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        defs, body = "".join(self._defs), "\n".join(self._body)
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><defs>{defs}</defs>{body}</svg>'

    def _define(self, tag: str, attributes: str, content: str) -> str:
        name = f"d{len(self._defs)}"
        self._defs.append(f'<{tag} id="{name}" {attributes}>{content}</{tag}>')
        return f"url(#{name})"

    def linear(
        self, stops: str, x1: float = 0, y1: float = 0, x2: float = 0, y2: float = 1, *, px: bool = False
    ) -> str:
        """Return a gradient, top to bottom of the shape, or between two points of the canvas when `px`.

        `stops` reads `"0 #123, .5 #fff .4"`: offset, colour, opacity.
        """
        units = "userSpaceOnUse" if px else "objectBoundingBox"
        return self._define(
            "linearGradient", f'gradientUnits="{units}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"', _stops(stops)
        )

    def radial(self, x: float, y: float, r: float, stops: str) -> str:
        """Return a glow around a point of the canvas."""
        return self._define(
            "radialGradient", f'gradientUnits="userSpaceOnUse" cx="{x}" cy="{y}" r="{r}"', _stops(stops)
        )

    def blur(self, deviation: float) -> str:
        """Return a filter that puts things out of focus by so many pixels."""
        area = f'filterUnits="userSpaceOnUse" x="-300" y="-300" width="{self.width + 600}" height="{self.height + 600}"'
        return self._define("filter", area, f'<feGaussianBlur stdDeviation="{deviation}"/>')

    def clip(self, points: Sequence[Point]) -> str:
        """Return a clip path with these corners."""
        return self._define("clipPath", "", f'<polygon points="{_points(points)}"/>')

    @contextmanager
    def group(self, **attributes: object) -> Iterator[None]:
        """Paint what follows under common attributes: `filter=`, `opacity=`, `transform=`, `clip_path=`."""
        self._body.append(f"<g{_attributes(attributes)}>")
        yield
        self._body.append("</g>")

    def add(self, tag: str, **attributes: object) -> None:
        """Paint one SVG element; underscores in names stand for dashes."""
        self._body.append(f"<{tag}{_attributes(attributes)}/>")

    def rect(self, x: float, y: float, w: float, h: float, fill: str, **more: object) -> None:
        self.add("rect", x=_n(x), y=_n(y), width=_n(w), height=_n(h), fill=fill, **more)

    def oval(self, x: float, y: float, rx: float, ry: float, fill: str, **more: object) -> None:
        self.add("ellipse", cx=_n(x), cy=_n(y), rx=_n(rx), ry=_n(ry), fill=fill, **more)

    def poly(self, points: Sequence[Point], fill: str, **more: object) -> None:
        self.add("polygon", points=_points(points), fill=fill, **more)

    def path(self, d: str, fill: str = "none", **more: object) -> None:
        self.add("path", d=d, fill=fill, **more)

    def line(self, points: Sequence[Point], stroke: str, width: float, **more: object) -> None:
        self.add(
            "polyline", points=_points(points), fill="none", stroke=stroke, stroke_width=_n(width),
            stroke_linecap="round", stroke_linejoin="round", **more,
        )  # fmt: skip

    def backdrop(self, stops: str) -> None:
        """Fill the whole canvas from top to bottom."""
        self.rect(0, 0, self.width, self.height, self.linear(stops))

    def glow(self, x: float, y: float, r: float, colour: str, strength: float = 1.0) -> None:
        """Add light around a point."""
        stops = f"0 {colour} {strength}, .35 {colour} {strength * 0.42}, 1 {colour} 0"
        self.oval(x, y, r, r, self.radial(x, y, r, stops), style="mix-blend-mode:screen")

    def ridge(self, base: float, rise: float, salt: float, fill: str, *, waves: float = 3.0, **more: object) -> None:
        """Paint a line of hills from edge to edge, filled downwards."""
        points = [(-20.0, self.height + 20.0)]
        for x in range(-20, self.width + 40, 20):
            t = x / self.width * math.tau * waves / 2
            bump = math.sin(t + salt) + 0.5 * math.sin(2.3 * t + 2 * salt) + 0.22 * math.sin(5.1 * t + 5 * salt)
            points.append((float(x), base - rise * (0.5 + bump / 3.4)))
        self.poly([*points, (self.width + 20.0, self.height + 20.0)], fill, **more)

    def limb(self, a: Point, ra: float, b: Point, rb: float, lit: str, dark: str) -> None:
        """Paint a rounded, tapered bar from `a` to `b`, lit from its left hand side: fingers, arms, robots."""
        (ax, ay), (bx, by) = a, b
        length = math.hypot(bx - ax, by - ay) or 1.0
        nx, ny = (by - ay) / length, (ax - bx) / length
        if nx > 0 or (nx == 0 and ny > 0):
            nx, ny = -nx, -ny
        r = max(ra, rb)
        mx, my = (ax + bx) / 2, (ay + by) / 2
        fill = self.linear(
            f"0 {dark}, .12 {lit}, .4 {lit}, 1 {dark}", mx + nx * r, my + ny * r, mx - nx * r, my - ny * r, px=True
        )
        d = (
            f"M{_n(ax + nx * ra)},{_n(ay + ny * ra)} L{_n(bx + nx * rb)},{_n(by + ny * rb)} "
            f"A{_n(rb)} {_n(rb)} 0 0 {int(_turns(a, b, nx, ny))} {_n(bx - nx * rb)},{_n(by - ny * rb)} "
            f"L{_n(ax - nx * ra)},{_n(ay - ny * ra)} "
            f"A{_n(ra)} {_n(ra)} 0 0 {int(_turns(a, b, nx, ny))} {_n(ax + nx * ra)},{_n(ay + ny * ra)}Z"
        )
        self.path(d, fill)


def car(c: Canvas, x: float, y: float, scale: float, paint: tuple[str, str, str], *, flip: bool = False) -> None:
    """Paint an electric crossover from the side, its wheels standing at `y`; `paint` is lit, own and "
    "shaded colour."""
    lit, own, shade = paint
    turn = f"translate({_n(x)} {_n(y - 322 * scale)}) scale({scale})"
    with c.group(transform=f"{turn} translate(880 0) scale(-1 1)" if flip else turn):
        c.oval(445, 322, 470, 20, "#000", opacity=0.55, filter=c.blur(9))
        c.path(_BODY, c.linear(f"0 {lit}, .3 {lit}, .42 {own}, .62 {own}, .74 {shade}, 1 {shade}"))
        c.path("M128,142 L252,118 C330,104 560,98 744,104 C800,110 840,122 856,144 C700,124 320,124 60,166 "
               "C82,153 104,146 128,142Z",
               c.linear("0 #fff .5, 1 #fff .02"))  # fmt: skip
        c.path("M60,226 C260,198 620,196 866,206 L868,222 C620,212 260,214 54,244Z", "#000", opacity=0.16)
        c.path("M30,190 C260,166 640,160 868,176 L868,180 C640,166 260,172 29,197Z", "#fff", opacity=0.35)
        c.path("M250,126 C318,68 392,45 480,44 C586,43 662,60 738,110 L700,118 L300,130Z",
               c.linear("0 #26343f, .5 #0d151c, 1 #27333b"))  # fmt: skip
        c.path("M330,88 C372,60 424,50 470,49 L440,122 L306,126Z", c.linear("0 #dfeaf0 .55, 1 #dfeaf0 .04"))
        c.path("M512,49 C560,50 600,56 632,66 L648,116 L520,120Z", c.linear("0 #dfeaf0 .32, 1 #dfeaf0 .02"))
        c.path("M478,45 L494,45 L506,121 L478,122Z M640,62 L656,68 L676,118 L660,118Z", own)
        c.path("M478,124 C484,180 482,230 474,266 M660,120 C668,160 650,200 630,206 M300,132 C288,180 "
               "290,236 300,264",
               stroke="#000", stroke_width=3, opacity=0.35)  # fmt: skip
        c.rect(396, 152, 46, 8, "#fff", rx=4, opacity=0.55)
        c.rect(578, 148, 46, 8, "#fff", rx=4, opacity=0.55)
        c.path("M24,196 C34,176 60,166 112,160 C100,178 66,192 26,204Z", c.linear("0 #fff, 1 #b9d7ea"))
        c.path("M862,150 C840,144 812,142 792,144 C800,158 836,164 868,168Z", "#c81f26")
        c.path("M40,262 L106,268 L112,250 L30,240Z M280,270 L615,268 L608,248 L286,250Z M785,268 L862,262 "
               "L868,240 L778,250Z",
               "#12171b")  # fmt: skip
        c.path("M268,124 L300,96 L312,102 L306,118Z", shade)
        for wheel in (192, 700):
            c.add("circle", cx=wheel, cy=252, r=82, fill="#080a0c")
            c.add("circle", cx=wheel, cy=252, r=72, fill="#15191c")
            c.add("circle", cx=wheel, cy=252, r=54, fill=c.linear("0 #eef2f4, .5 #8d979e, 1 #4d565c"))
            c.add("circle", cx=wheel, cy=252, r=48, fill="#22282c")
            for spoke in range(10):
                with c.group(transform=f"rotate({spoke * 36} {wheel} 252)"):
                    c.path(f"M{wheel - 5},252 L{wheel - 8},204 L{wheel + 6},204 L{wheel + 3},252Z",
                           c.linear("0 #e6ebee, 1 #8a949a"))  # fmt: skip
            c.add("circle", cx=wheel, cy=252, r=13, fill="#c9d1d6")


_BODY = (
    "M40,262 C20,255 16,225 24,196 C30,170 70,150 130,140 L250,118 C320,60 390,32 480,30 C590,28 676,50 758,104 "
    "C802,110 848,122 860,148 C874,178 876,226 862,262 L786,268 A86 86 0 0 0 614,268 L279,270 A86 86 0 0 0 106,268Z"
)


def seated(c: Canvas, x: float, y: float, size: float, coat: str, hair: str, rim: str, style: int) -> None:
    """Paint head and shoulders from behind; `y` is the middle of the head, `size` its height, light from the left."""
    with c.group(transform=f"translate({_n(x)} {_n(y)}) scale({_n(size)})"):
        c.path("M-.16,.3 L-.16,.62 C-.3,.8 .3,.8 .16,.62 L.16,.3Z", "#8a5f47")
        c.path("M-.17,.58 C-.3,.7 -.62,.72 -.86,.86 C-1.06,.98 -1.12,1.3 -1.2,5.4 L1.2,5.4 C1.12,1.3 "
               "1.06,.98 .86,.86 "
               "C.62,.72 .3,.7 .17,.58 C.08,.7 -.08,.7 -.17,.58Z",
               c.linear(f"0 {rim}, .1 {coat}, .72 {coat}, 1 #05080c", x2=1, y2=0.15))  # fmt: skip
        c.path("M-.86,.86 C-1.06,.98 -1.12,1.3 -1.2,5.4", stroke=rim, stroke_width=0.035, opacity=0.8)
        c.path("M0,.74 C.03,1.5 .02,3.4 0,5.4", stroke="#000", stroke_width=0.03, opacity=0.25)
        c.path(
            "M-.74,1.55 C-.78,2.6 -.84,3.8 -.86,5.4 M.74,1.55 C.78,2.6 .84,3.8 .86,5.4",
            stroke="#000",
            stroke_width=0.05,
            opacity=0.35,
        )
        c.oval(-0.37, 0.06, 0.06, 0.11, "#b98566")
        c.oval(0.37, 0.06, 0.06, 0.11, "#5d3d2d")
        head = c.linear(f"0 {rim}, .09 {hair}, .75 {hair}, 1 #060504", x2=1, y2=0.3)
        if style == 0:
            c.path(
                "M-.36,.1 C-.42,-.3 -.22,-.52 0,-.52 C.22,-.52 .42,-.3 .36,.1 C.34,.3 .2,.42 0,.42 C-.2,.42 "
                "-.34,.3 -.36,.1Z",
                head,
            )
        elif style == 1:
            c.path(
                "M-.4,.2 C-.48,-.3 -.26,-.55 0,-.55 C.26,-.55 .48,-.3 .4,.2 C.42,.5 .38,.7 .3,.74 L-.3,.74 "
                "C-.38,.7 -.42,.5 -.4,.2Z",
                head,
            )
        else:
            c.path(
                "M-.36,.1 C-.42,-.3 -.22,-.5 0,-.5 C.22,-.5 .42,-.3 .36,.1 C.34,.28 .18,.44 0,.44 C-.18,.44 "
                "-.34,.28 -.36,.1Z",
                head,
            )
            c.oval(0.02, -0.44, 0.2, 0.18, head)
        for strand in range(7):
            k = (strand - 3) / 9
            c.path(
                f"M{_n(k * 0.5)},-.48 C{_n(k * 1.1)},-.3 {_n(k * 1.2)},0 {_n(k)},.32",
                stroke="#fff",
                stroke_width=0.012,
                opacity=0.09,
            )


def standing(
    c: Canvas, x: float, feet: float, size: float, coat: str, legs: str, hair: str, rim: str, step: float = 0
) -> None:
    """Paint a whole person from behind, `size` px tall, light from the left; `step` is the stride, -1..1."""
    u = size / 8
    with c.group(transform=f"translate({_n(x)} {_n(feet)}) scale({_n(u)})"):
        shade = c.linear(f"0 {rim}, .07 {coat}, .7 {coat}, 1 #04070a", x2=1, y2=0)
        for side in (-1, 1):
            foot = side * 0.4 + step * 0.4 * side
            c.oval(foot, -0.1, 0.36, 0.15, "#07090b")
            for a, ra, b, rb, cloth in (
                ((side * 0.36, -3.9), 0.44, (foot * 0.9, -2.0), 0.32, legs),
                ((foot * 0.9, -2.0), 0.32, (foot, -0.25), 0.2, legs),
                ((side * 0.98, -5.95), 0.3, (side * 1.16, -4.7), 0.24, coat),
                ((side * 1.16, -4.7), 0.24, (side * 1.12, -3.7), 0.17, coat),
            ):
                c.limb(a, ra, b, rb, cloth, "#05080b")
                c.line([(a[0] - ra * 0.9, a[1]), (b[0] - rb * 0.9, b[1])], rim, 0.07, opacity=0.75 if side < 0 else 0.3)
        c.path("M-.25,-6.8 C-.45,-6.55 -.85,-6.5 -1.08,-6.28 C-1.2,-6.1 -1.1,-5.6 -.98,-5.2 C-.9,-4.7 "
               "-.9,-4 -.88,-3.3 "
               "C-.5,-3.15 .5,-3.15 .88,-3.3 C.9,-4 .9,-4.7 .98,-5.2 C1.1,-5.6 1.2,-6.1 1.08,-6.28 "
               "C.85,-6.5 .45,-6.55 .25,-6.8Z", shade)  # fmt: skip
        c.path("M0,-6.5 C.04,-5.4 .03,-4.2 0,-3.2", stroke="#000", stroke_width=0.05, opacity=0.3)
        c.rect(-0.17, -7.1, 0.34, 0.5, "#7c5540")
        c.oval(0, -7.42, 0.46, 0.58, c.linear(f"0 {rim}, .22 {hair}, 1 #050404", x2=1, y2=0.2))


def _turns(a: Point, b: Point, nx: float, ny: float) -> bool:
    return (b[0] - a[0]) * ny - (b[1] - a[1]) * nx < 0


def _stops(text: str) -> str:
    out = ""
    for stop in text.split(","):
        offset, colour, *opacity = stop.split()
        out += f'<stop offset="{offset}" stop-color="{colour}" stop-opacity="{opacity[0] if opacity else 1}"/>'
    return out


def _attributes(attributes: dict[str, object]) -> str:
    return "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")

"""Draw the campaign's own mark: a wheel of eight regions, of which one steps forward.

Writes four pictures, each as SVG (letters as outlines) and as PNG with transparent ground:
`logo` for light grounds, `logo-light` for dark ones, and the wheel alone in two layers for large shapes on cards,
`wheel` (seven regions) and `spark` (the eighth), which lie exactly over each other. Run after changing this file:

    python assets/logos/build.py
"""

from __future__ import annotations

import math
from pathlib import Path

import resvg_py
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

HERE = Path(__file__).resolve().parent
INK, WHITE, SPARK = "#0B1D3A", "#FFFFFF", "#FFC62E"
SPARK_AT = 1  # eighths of a turn, clockwise from twelve o'clock
OUTER, INNER, GAP, STEP = 43.0, 20.0, 4.6, 7.0  # radii, distance between regions, how far one steps forward
LETTERS = 42.0  # size of the wordmark


def region(number: int, forward: float = 0.0) -> str:
    """Return the outline of one eighth of the wheel, with parallel gaps, around (0, 0)."""
    middle = number * math.tau / 8
    shift_x, shift_y = forward * math.sin(middle), -forward * math.cos(middle)

    def corner(radius: float, side: int) -> str:
        angle = middle + side * (math.tau / 16 - math.asin(GAP / 2 / radius))
        return f"{radius * math.sin(angle) + shift_x:.3f} {-radius * math.cos(angle) + shift_y:.3f}"

    return (
        f"M{corner(OUTER, -1)}A{OUTER} {OUTER} 0 0 1 {corner(OUTER, 1)}"
        f"L{corner(INNER, 1)}A{INNER} {INNER} 0 0 0 {corner(INNER, -1)}Z"
    )


def word(text: str, weight: int, x: float, baseline: float) -> str:
    """Return the outline of a word in Inter, its ink beginning at `x`."""
    font = instantiateVariableFont(TTFont(HERE.parent / "fonts" / "Inter.ttf"), {"opsz": 32, "wght": weight})
    glyphs, names, scale = font.getGlyphSet(), font.getBestCmap(), LETTERS / font["head"].unitsPerEm
    pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.2f}".rstrip("0").rstrip("."))
    x -= font["glyf"][names[ord(text[0])]].xMin * scale
    for sign in text:
        glyph = glyphs[names[ord(sign)]]
        glyph.draw(TransformPen(pen, (scale, 0, 0, -scale, x, baseline)))
        x += glyph.width * scale
    return pen.getCommands()


def svg(box: str, paths: list[tuple[str, str]]) -> str:
    """Return a drawing of (fill, outline) in a view box."""
    drawn = "".join(f'<path fill="{fill}" d="{outline}"/>' for fill, outline in paths)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{drawn}</svg>\n'


def save(name: str, drawing: str, width: int) -> None:
    """Write a drawing as SVG and as PNG, `width` px wide."""
    (HERE / f"{name}.svg").write_text(drawing, encoding="utf-8")
    (HERE / f"{name}.png").write_bytes(bytes(resvg_py.svg_to_bytes(svg_string=drawing, width=width)))


def main() -> None:
    wheel = "".join(region(number) for number in range(8) if number != SPARK_AT)
    spark = region(SPARK_AT, STEP)
    words = word("ASA", 800, 58, -6.5) + word("Regions", 560, 58, 33.5)
    for name, fill in (("logo", INK), ("logo-light", WHITE)):
        save(name, svg("-43 -43.5 252 87", [(fill, wheel), (SPARK, spark), (fill, words)]), 756)
    save("wheel", svg("-50 -50 100 100", [(WHITE, wheel)]), 1200)
    save("spark", svg("-50 -50 100 100", [(WHITE, spark)]), 1200)


if __name__ == "__main__":
    main()

"""Invented marks for a few of the example regions: abstract, and like nobody's coat of arms."""

from __future__ import annotations

from drawing.kit import Canvas

SIZE = 480  # px, both ways


def fields_and_blades() -> Canvas:
    """Castilla y León: three furrows under three blades."""
    c = Canvas(SIZE, SIZE)
    for n, tone in enumerate(("#8E1B3A", "#C2503C", "#E7A24A")):
        y = 300 + n * 52
        c.path(f"M40,{y + 40} Q240,{y - 50} 440,{y + 40}", stroke=tone, stroke_width=34, stroke_linecap="round")
    for turn in (0, 120, 240):
        with c.group(transform=f"rotate({turn + 20} 240 140)"):
            c.path("M240,140 C216,100 224,50 240,14 C256,50 260,104 240,140Z", "#8E1B3A")
    c.oval(240, 140, 20, 20, "#E7A24A")
    return c


def arches() -> Canvas:
    """Emilia-Romagna: arches that become a bend in the road."""
    c = Canvas(SIZE, SIZE)
    for n, tone in enumerate(("#F0A73C", "#DD6A32", "#B3261E")):
        r = 190 - n * 60
        c.path(
            f"M{240 - r},420 L{240 - r},240 A{r} {r} 0 0 1 {240 + r},240 L{240 + r},420",
            stroke=tone,
            stroke_width=36,
            stroke_linecap="round",
        )
    c.path("M240,420 L240,300", stroke="#B3261E", stroke_width=36, stroke_linecap="round")
    return c


def waves() -> Canvas:
    """Portugal: a sun that sinks into three waves."""
    c = Canvas(SIZE, SIZE)
    c.path("M90,250 A150 150 0 0 1 390,250Z", "#F2B233")
    for n, tone in enumerate(("#00875A", "#00643C", "#00452B")):
        y = 290 + n * 62
        c.path(f"M40,{y} q50,-44 100,0 t100,0 t100,0 t100,0", stroke=tone, stroke_width=32, stroke_linecap="round")
    return c


def hills_and_spark() -> Canvas:
    """Moravia-Silesia: two ridges and a spark between them."""
    c = Canvas(SIZE, SIZE)
    c.path("M30,410 L180,150 L330,410Z", "#1F5FA8")
    c.path("M200,410 L330,220 L450,410Z", "#4F93CF")
    c.path("M180,150 L232,240 L180,270 L136,228Z", "#CFE3F5")
    c.path("M346,40 L290,140 L338,140 L316,212 L388,108 L340,108Z", "#F2A52C")
    return c


MARKS = {
    "castilla-y-leon": fields_and_blades,
    "emilia-romagna": arches,
    "portugal": waves,
    "moravia-silesia": hills_and_spark,
}

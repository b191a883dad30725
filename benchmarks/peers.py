"""The same cards, drawn by what others draw cards with: satori with resvg, and headless Chromium.

Both are handed what our own layout has found out (sizes, lines, places), which favours them: they only have to paint.
They are left out where they are not installed (`make bench` does it where there is npm, and a Chromium).
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from benchmarks.drawing import SIZES, requests, take_photo
from benchmarks.measuring import Comparison
from campaign import cards
from campaign.cards import emblem
from campaign.cards.layout import Placed
from campaign.cards.typeset import Fitted

PEERS = Path(__file__).parent / "peers"
TURNS = 5
WEIGHTS = {"display": 740, "strong": 660, "text": 480, "statement": 700}


def compared(folder: Path) -> Iterator[Comparison]:
    if not (PEERS / "node_modules").exists():
        return
    fonts = static_fonts(folder)
    for name, size in SIZES.items():
        photo = take_photo(folder / f"{size[0]}.jpg", size)
        described = [description(request, fonts) for request in requests(photo)]
        ours = our_seconds(photo)
        what = f"{len(described)} cards, photo of {name}"
        seconds = peer_seconds("satori.mjs", described, fonts)
        yield Comparison(what, "satori + resvg-js (PNG)", ours, seconds, ours / seconds)
        if program := shutil.which("chromium"):
            seconds = peer_seconds("chromium.mjs", described, fonts, program)
            yield Comparison(what, "headless Chromium by Puppeteer", ours, seconds, ours / seconds)


def our_seconds(photo: Path) -> float:
    """Return the CPU time of one story's cards, its photo decoded once as for one story."""
    times = []
    for _ in range(TURNS + 1):
        photo.touch()
        start = time.process_time()
        for request in requests(photo):
            cards.draw(request)
        times.append(time.process_time() - start)
    return median(times[1:])


def static_fonts(folder: Path) -> dict[str, Path]:
    """Write the weights of our variable font as fonts of their own: satori reads no variable ones."""
    assets = Path(__file__).parents[1] / "assets" / "fonts"
    fonts = {"statement": assets / "Ubuntu-B.ttf"}
    for name in ("display", "strong", "text"):
        fonts[name] = folder / f"{name}.ttf"
        font = TTFont(assets / "Inter.ttf")
        instantiateVariableFont(font, {"opsz": 32 if name == "display" else 18, "wght": WEIGHTS[name]}, inplace=True)
        font.save(fonts[name])
    return fonts


def description(request: cards.CardRequest, fonts: dict[str, Path]) -> dict[str, Any]:
    """Return a card as elements with a place, for whoever only paints."""
    drawing = cards.Drawing(request, ())
    elements = [each for placed in drawing.placed for each in _elements(drawing, placed)]
    return {"width": drawing.format.width, "height": drawing.format.height, "elements": elements}


def _elements(drawing: cards.Drawing, placed: Placed) -> Iterator[dict[str, Any]]:
    layer, rect, palette = placed.layer, placed.rect, drawing.painter.palette
    style: dict[str, Any] = {
        "position": "absolute",
        **{"left": f"{rect.x:.1f}px", "top": f"{rect.y:.1f}px"},
        **{"width": f"{rect.width:.1f}px", "height": f"{rect.height:.1f}px"},
    }
    if layer.fill:
        yield {
            "style": {
                **style,
                "backgroundColor": _colour(palette[layer.fill]),
                "borderRadius": f"{layer.radius * drawing.format.unit:.0f}px",
            }
        }
    if layer.kind == "photo" and drawing.request.photo:
        yield {"style": {**style, "objectFit": "cover"}, "src": _uri(drawing.request.photo.read_bytes(), "jpeg")}
    elif layer.kind == "scrim":
        dark = _colour(palette[layer.color])
        yield {"style": {**style, "backgroundImage": f"linear-gradient(to bottom, transparent 20%, {dark} 100%)"}}
    elif isinstance(placed.content, emblem.Arrangement):
        drawn = io.BytesIO()
        emblem.draw(placed.content, drawing.fonts["statement"]).save(drawn, "PNG")
        yield {"style": style, "src": _uri(drawn.getvalue(), "png")}
    elif layer.kind == "image":
        yield {"style": style, "src": _uri(drawing.images[layer.image].read_bytes(), "png")}
    elif isinstance(placed.content, Fitted):
        box, fitted = drawing.painter.words(placed), placed.content
        for n, line in enumerate(fitted.lines):
            top = box.y + (n * fitted.leading - 0.3) * fitted.size
            yield {
                "text": line,
                "style": {
                    **{"position": "absolute", "left": f"{box.x:.1f}px", "top": f"{top:.1f}px"},
                    **{"fontSize": f"{fitted.size:.1f}px", "fontFamily": layer.font, "whiteSpace": "nowrap"},
                    **{"color": _colour(palette[layer.color]), "lineHeight": "1.3"},
                },
            }


def _colour(rgb: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _uri(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def peer_seconds(script: str, described: list[dict[str, Any]], fonts: dict[str, Path], program: str = "") -> float:
    """Return the CPU time that a peer takes for the cards, once it is warm."""
    named = [{"name": name, "weight": 400, "style": "normal", "path": str(path)} for name, path in fonts.items()]
    told = json.dumps({"cards": described, "fonts": named, "turns": TURNS, "program": program})
    done = subprocess.run(["node", script], cwd=PEERS, input=told, check=True, capture_output=True, text=True)
    times: list[float] = json.loads(done.stdout)["times"]
    return median(times)

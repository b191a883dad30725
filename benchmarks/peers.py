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
import tempfile
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
from tests.browsing import Browser, browser

PEERS = Path(__file__).parent / "peers"
TURNS = 3
HERTZ = 100  # clock ticks a second in /proc/PID/stat on Linux
WEIGHTS = {"display": 740, "strong": 660, "text": 480, "statement": 700}


def compared(folder: Path) -> Iterator[Comparison]:
    fonts = static_fonts(folder)
    for name, size in SIZES.items():
        photo = take_photo(folder / f"{size[0]}.jpg", size)
        described = [description(request, fonts) for request in requests(photo)]
        ours = our_seconds(photo)
        what = f"{len(described)} cards, photo of {name}"
        if (PEERS / "node_modules").exists():
            seconds = satori_seconds(described, fonts)
            yield Comparison(what, "satori + resvg-js (PNG)", ours, seconds, ours / seconds)
        if program := shutil.which("chromium"):
            seconds = chromium_seconds(program, described, fonts)
            yield Comparison(what, "headless Chromium", ours, seconds, ours / seconds)


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


def satori_seconds(described: list[dict[str, Any]], fonts: dict[str, Path]) -> float:
    named = [{"name": name, "weight": 400, "style": "normal", "path": str(path)} for name, path in fonts.items()]
    told = json.dumps({"cards": described, "fonts": named, "turns": TURNS})
    done = subprocess.run(["node", "draw.mjs"], cwd=PEERS, input=told, check=True, capture_output=True, text=True)
    times: list[float] = json.loads(done.stdout)["times"]
    return median(times)


def chromium_seconds(program: str, described: list[dict[str, Any]], fonts: dict[str, Path]) -> float:
    """Return the CPU time of all its processes for the cards, in one page that stays open."""
    with tempfile.TemporaryDirectory() as home, browser(program, Path(home)) as chromium:
        target = chromium.ask("Target.createTarget", url="about:blank")["targetId"]
        session = chromium.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        pages = [_html(card, fonts) for card in described]
        times = []
        for _ in range(TURNS + 1):
            before = _cpu_of(home)
            for card, page in zip(described, pages, strict=True):
                _shoot(chromium, session, card, page)
            times.append(_cpu_of(home) - before)
        return median(times[1:])


def _shoot(chromium: Browser, session: str, card: dict[str, Any], page: str) -> bytes:
    size = {"width": card["width"], "height": card["height"]}
    chromium.ask("Emulation.setDeviceMetricsOverride", session, **size, deviceScaleFactor=1, mobile=False)
    frame = chromium.ask("Page.getFrameTree", session)["frameTree"]["frame"]["id"]
    chromium.ask("Page.setDocumentContent", session, frameId=frame, html=page)
    ready = "Promise.all([document.fonts.ready, ...[...document.images].map(i => i.decode())]).then(() => 1)"
    chromium.ask("Runtime.evaluate", session, expression=ready, awaitPromise=True)
    shot = chromium.ask("Page.captureScreenshot", session, format="jpeg", quality=88)
    return base64.b64decode(shot["data"])


def _html(card: dict[str, Any], fonts: dict[str, Path]) -> str:
    faces = "".join(
        f"@font-face {{ font-family: {name}; src: url({_uri(path.read_bytes(), 'ttf').replace('image', 'font')}) }}"
        for name, path in fonts.items()
    )
    body = "".join(
        f'<img src="{each["src"]}" style="{_css(each["style"])}">'
        if "src" in each
        else f'<div style="{_css(each["style"])}">{each.get("text", "")}</div>'
        for each in card["elements"]
    )
    return f"<!DOCTYPE html><style>{faces} body {{ margin: 0 }}</style><body>{body}"


def _css(style: dict[str, Any]) -> str:
    words = {name: "".join(f"-{sign.lower()}" if sign.isupper() else sign for sign in name) for name in style}
    return "; ".join(f"{words[name]}: {value}" for name, value in style.items())


def _cpu_of(home: str) -> float:
    """Return the CPU seconds so far of all processes that name this profile, and of what they waited for."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if home in (process / "cmdline").read_text() or home in (process / "environ").read_text():
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                ticks += sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime
        except OSError:
            continue  # it has ended meanwhile, or is another user's
    return ticks / HERTZ

"""Pages as a browser shows them: nothing fetched, nothing complained about, every picture drawn, fit for everybody."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browsing import Browser, browser
from tests.played import Played, played

pytestmark = [pytest.mark.browser, pytest.mark.timeout(200)]  # whoever comes first plays the demo
PHONE, SCREEN = 390, 1280  # px
VIEWS = [
    *(("demo", PHONE, "dark"), ("demo", SCREEN, "light")),
    *(("proof", PHONE, "light"), ("proof", SCREEN, "dark")),
    *(("rehearsal", PHONE, "dark"), ("rehearsal", SCREEN, "light")),
]
PICTURES = {"demo": 12, "proof": 12, "rehearsal": 0}  # on a page, at least
LEAST_CONTRAST = 4.5  # https://www.w3.org/TR/WCAG22/#contrast-minimum

# Asks a page about itself. Pages may run no scripts of their own; the protocol may.
SEEN = """(async () => {
  const pictures = [...document.images];
  const drawn = await Promise.all(pictures.map(image => image.decode().then(() => image.naturalWidth, () => 0)));
  const rgba = text => (([r, g, b, a = 1]) => [r, g, b, a])(text.match(/[\\d.]+/g).map(Number));
  const light = ([r, g, b]) => [r, g, b].map(each => each / 255)
    .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, n) => sum + each * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
  };
  const words = node => [...node.childNodes].filter(each => each.nodeType === 3).map(each => each.data).join('').trim();
  const contrast = element => {
    const [one, other] = [rgba(getComputedStyle(element).color), ground(element)].map(light);
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  };
  const read = [...document.body.querySelectorAll('*')].filter(element => words(element) && element.offsetParent);
  return {
    width: document.documentElement.scrollWidth,
    language: document.documentElement.lang,
    title: document.title,
    pictures: pictures.length,
    undrawn: pictures.filter((_, n) => !drawn[n]).map(image => image.src.slice(0, 60)),
    silent: pictures.filter(image => !image.alt.trim()).length,
    headings: [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(heading => Number(heading.tagName[1])),
    unheaded: [...document.querySelectorAll('thead th:not([scope])')].map(words),
    lost: [...document.querySelectorAll('a[href^="#"]')].map(link => link.hash)
      .filter(hash => !document.getElementById(hash.slice(1))),
    faint: read.filter(element => contrast(element) < LEAST).map(element => words(element).slice(0, 40)),
  };
})()""".replace("LEAST", str(LEAST_CONTRAST))


@dataclass(frozen=True)
class Look:
    """What a browser saw of a page."""

    asked_for: tuple[str, ...]  # starts of the addresses that it fetched
    complaints: tuple[str, ...]  # on its console
    seen: dict[str, Any]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium here to open pages with; apt-get install chromium")
    with browser(program, tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return played(tmp_path_factory)


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}-{view[2]}")
def look(request: pytest.FixtureRequest, chromium: Browser, demo: Played) -> Look:
    name, width, scheme = request.param
    pages = {"demo": demo.page, "proof": demo.proofs[0], "rehearsal": demo.rehearsal}
    return look_at(chromium, pages[name], width, scheme)


def look_at(chromium: Browser, page: Path, width: int, scheme: str) -> Look:
    """Open a page in a new tab of `width` px and return what can be seen of it."""
    target = chromium.ask("Target.createTarget", url="about:blank")["targetId"]
    tab = chromium.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        chromium.ask(f"{domain}.enable", tab)
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width == PHONE}
    chromium.ask("Emulation.setDeviceMetricsOverride", tab, **size)
    chromium.ask("Emulation.setEmulatedMedia", tab, features=[{"name": "prefers-color-scheme", "value": scheme}])
    chromium.ask("Page.navigate", tab, url=page.as_uri())
    chromium.wait_for("Page.loadEventFired", tab)
    answer = chromium.ask("Runtime.evaluate", tab, expression=SEEN, awaitPromise=True, returnByValue=True)
    asked_for = [event["request"]["url"] for event in chromium.events("Network.requestWillBeSent", tab)]
    complaints = [event["entry"]["text"] for event in chromium.events("Log.entryAdded", tab)]
    complaints += [str(event["args"]) for event in chromium.events("Runtime.consoleAPICalled", tab)]
    complaints += [str(event["exceptionDetails"]) for event in chromium.events("Runtime.exceptionThrown", tab)]
    chromium.ask("Target.closeTarget", targetId=target)
    return Look(tuple(url[:60] for url in asked_for), tuple(complaints), answer["result"]["value"])


def fetched(look: Look) -> list[str]:
    """Return what a page fetched beside itself and what it holds."""
    page, *others = look.asked_for
    assert page.startswith("file:///")
    return [url for url in others if not url.startswith("data:image/")]


def skipped_levels(headings: list[int]) -> list[tuple[int, int]]:
    """Return the headings that stand more than one level below the one before."""
    return [(before, after) for before, after in zip([0, *headings], headings, strict=False) if after > before + 1]


def test_a_page_fetches_nothing_and_the_browser_has_no_complaint(look: Look) -> None:
    assert fetched(look) == []
    assert look.complaints == ()


def test_every_picture_is_drawn(look: Look, request: pytest.FixtureRequest) -> None:
    assert look.seen["pictures"] >= PICTURES[request.node.callspec.params["look"][0]]
    assert look.seen["undrawn"] == []


def test_a_page_fits_its_window_without_scrolling_sideways(look: Look, request: pytest.FixtureRequest) -> None:
    width = request.node.callspec.params["look"][1]

    assert look.seen["width"] <= width


def test_a_page_can_be_read_aloud(look: Look) -> None:
    seen = look.seen

    assert (seen["language"], bool(seen["title"]), seen["silent"]) == ("en", True, 0)
    assert seen["headings"].count(1) == 1
    assert skipped_levels(seen["headings"]) == []
    assert (seen["unheaded"], seen["lost"]) == ([], [])


def test_every_word_stands_out_from_its_ground(look: Look) -> None:
    assert look.seen["faint"] == []


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        pytest.param('<img src="http://127.0.0.1:9/a.png" alt="a">', fetched, id="fetches"),
        pytest.param("<script>throw Error('no')</script>", lambda look: look.complaints, id="complains"),
        pytest.param(
            '<img src="data:image/jpeg;base64,AAAA" alt="a">', lambda look: look.seen["undrawn"], id="undrawn"
        ),
        pytest.param('<p style="width: 600px">wide</p>', lambda look: look.seen["width"] > PHONE, id="wide"),
        pytest.param('<img src="data:image/png;base64,AA">', lambda look: look.seen["silent"], id="silent"),
        pytest.param("<h1>one</h1><h3>three</h3>", lambda look: skipped_levels(look.seen["headings"]), id="level"),
        pytest.param("<table><thead><tr><th>what</table>", lambda look: look.seen["unheaded"], id="unheaded"),
        pytest.param('<a href="#nowhere">there</a>', lambda look: look.seen["lost"], id="lost"),
        pytest.param('<p style="background: #fff; color: #777">a', lambda look: look.seen["faint"], id="faint"),
    ],
)
def test_what_these_tests_look_for_is_seen_where_it_is_wrong(
    chromium: Browser, tmp_path: Path, body: str, wrong: Callable[[Look], object]
) -> None:
    page = tmp_path / "wrong.html"
    page.write_text(f'<!doctype html><meta name="viewport" content="width=device-width"><body>{body}')

    assert wrong(look_at(chromium, page, PHONE, "light"))

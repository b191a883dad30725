"""What a receiver refuses, as docs/platforms/webhook.md tells those who write one."""

from __future__ import annotations

from datetime import timedelta

from tests.platforms.mastodon.scripted import Scripted, item, send
from tests.platforms.rows import Call, Means, Row, Stage, blocked, dead, later, limited, refused, row, unknown
from tests.platforms.webhook.test_webhook import HOOK, NUMBERED, adapter


def well(server: Scripted) -> None:
    """Make a server answer everything well."""
    server.says(HOOK, NUMBERED)


def post(stage: Stage) -> object:
    hook = adapter(f"{stage.server.server.url}/hooks/", stage.clock)
    return send(hook, item())  # type: ignore[arg-type]


def check(stage: Stage) -> object:
    return adapter(f"{stage.server.server.url}/hooks/", stage.clock).check()


CALLS = {  # any 2xx is a yes
    "post": Call(HOOK, post, visible=True, reads=False),
    "check": Call(HOOK, check, reads=False),
}
SOON = {"Retry-After": "90"}
DATED = {"Retry-After": "Mon, 02 Mar 2026 08:01:30 GMT"}
SECONDS = timedelta(seconds=90)


def both(name: str, status: int, means: Means, **headers: str) -> Row:
    return row(name, status, b"<h1>No</h1>", headers, post=means, check=means)


ROWS = (
    both("moved for good", 301, dead("Set base_url"), Location="https://elsewhere.example"),
    both("see elsewhere", 303, dead("redirects are not followed")),
    both("a wrong event", 400, refused("the receiver refuses the event (status 400: No)")),
    both("a wrong signature", 401, dead("Both sides must know the same secret")),
    both("forbidden", 403, dead("Both sides must know the same secret")),
    both("nobody there", 404, dead("Correct base_url")),
    both("no such method", 405, dead("Correct base_url")),
    both("gone", 410, blocked("Correct base_url")),
    both("too large", 413, refused()),
    both("no JSON wanted", 415, refused()),
    both("cannot be processed", 422, refused()),
    both("asks to wait", 429, limited(None)),
    both("asks to wait so long", 429, limited(SECONDS), **SOON),
    both("asks to wait until then", 429, limited(SECONDS), **DATED),
    both("is away for so long", 503, limited(SECONDS), **SOON),
    both("is away until then", 503, limited(SECONDS), **DATED),
    row("slow to take it", 408, post=unknown(), check=later()),
    row("two at once", 409, post=unknown(), check=later()),
    row("is away", 503, post=unknown(), check=later()),
    row("slow", 504, post=unknown(), check=later()),
)

"""No secret stands anywhere but where it belongs, although the servers and the proxies before them say it aloud.

The whole route runs in processes of its own. Real servers learn our credentials and give new ones, and a proxy answers
with pages that repeat what it was sent. Then everything that was printed, logged, stored, listed and written to a file
is searched for a trace of any secret, in whatever form.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from cryptography.fernet import Fernet

from campaign import store
from tests.conftest import CONFIG
from tests.realservers.canaries import (
    HANDLE,
    PASSWORD,
    WRITINGS,
    Canaries,
    Echo,
    Servers,
    in_base64,
    in_json,
    on_page,
    repeating_proxy,
)
from tests.realservers.faults import rewritten
from tests.realservers.pds import expired, with_expired_tokens
from tests.realservers.processes import Campaign
from tests.realservers.publishing import answered_with
from tests.realservers.servers import until
from tests.wire import serving

if TYPE_CHECKING:
    from tests.postgres import Postgres

pytest_plugins = ["tests.realservers.fixtures"]

SIGN_IN = ("POST", "/xrpc/com.atproto.server.createSession")
RENEW = ("POST", "/xrpc/com.atproto.server.refreshSession")
WHO = ("GET", "/api/v1/accounts/verify_credentials")
REGISTER, GRANT = ("POST", "/api/v1/apps"), ("POST", "/oauth/token")


KEYS = """call_deadline = "5 s"
settle = "0.2 s"
spacing = "0 s"
repeat_guard = "0 s"
daily_cap = 9
attach = "none"
slots = ["daily 00:00"]
"""
CHANNELS = """
[channels.typed]
platform = "bluesky"
base_url = "{typed}"
{keys}
[channels.given]
platform = "bluesky"
base_url = "{given}"
identifier = "{handle}"
app_password = "${{APP_PASSWORD}}"
{keys}
[channels.oauth]
platform = "mastodon"
base_url = "{oauth}"
{keys}
[channels.filed]
platform = "mastodon"
base_url = "{filed}"
token = {{ file = "secrets/token" }}
{keys}
[channels.far]
platform = "mastodon"
base_url = "https://social.example"
token = "${{FAR_TOKEN}}"
{keys}
[daemon]
tick = "0.05 s"
house = "0.2 s"
proxy = "http://campaign:${{PROXY_PASSWORD}}@{proxy}"
"""
LITERAL, NO_KEY, OTHER_KEY = "c4n4ry-where-none-belongs", "c4n4ry-which-is-no-key", Fernet.generate_key().decode()
WRONG = (  # what stands in the config, and what somebody makes of it
    ("daily_cap = 9", 'daily_cap = "${APP_PASSWORD}"\nlanguage = "${FAR_TOKEN}"\nthread = { file = "secrets/token" }'),
    ('slots = ["daily 00:00"]', 'slots = ["${APP_PASSWORD}", "${FAR_TOKEN}"]\nzone = "${PROXY_PASSWORD}"'),
    ('approves = ["portugal"]', 'approves = ["${FAR_TOKEN}"]'),
    ('[channels.typed]\nplatform = "bluesky"', '[channels.typed]\nplatform = "${FAR_TOKEN}"'),
    ('identifier = "', 'image_bytes = "${FAR_TOKEN}"\nappview_url = "${APP_PASSWORD}"\nidentifier = "'),
    ('base_url = "https://social.example"', 'base_url = "${FAR_TOKEN}"\nvisibility = { file = "secrets/token" }'),
    ('token = "${FAR_TOKEN}"', f'token = "{LITERAL}'),
    ('token = "${FAR_TOKEN}"', f'tokn = "{LITERAL}"'),
    ('token = "${FAR_TOKEN}"', f'token = ["{LITERAL}"]'),
    ("[daemon]", f'[database]\nurl = "mysql://campaign:{LITERAL}@db.example/campaign"\n[daemon]'),
    ('proxy = "http://campaign:${PROXY_PASSWORD}@', f'proxy = "socks5://campaign:{LITERAL}@'),
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that lies in memory where there is some: every commit waits for its disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(request, stack)


@pytest.fixture
def campaign(servers: Servers, folder: Path, blank_database: Path) -> Iterator[Campaign]:
    """The campaign, with a channel for each way in which a credential may come to it."""
    environ = {
        "APP_PASSWORD": servers.given.secret(),
        "FAR_TOKEN": "c4n4ry-token-of-the-far-server",
        "PROXY_PASSWORD": "c4n4ry%2Fof+the-way-out",
    }
    token = servers.filed.account.token
    (folder / "secrets").mkdir()
    (folder / "secrets/token").touch(0o600)
    (folder / "secrets/token").write_text(f"{token}\n")
    shutil.copyfile(blank_database, folder / "campaign.db")
    with serving(repeating_proxy) as proxy:
        addresses = {name: account.proxy.url for name, account in servers.all.items()}
        channels = CHANNELS.format(**addresses, handle=servers.given.account.handle, proxy=proxy.address, keys=KEYS)
        with closing(Campaign(folder, CONFIG + channels, environ)) as campaign:
            yield campaign


# --- the route


def test_no_secret_is_told_whatever_the_servers_say(campaign: Campaign, servers: Servers) -> None:
    echo = Echo()
    log_in(campaign, servers)
    reached = [*refused_logins(campaign, servers, echo)]
    reached += look_and_enable(campaign, servers, echo)
    publish(campaign, servers, echo)
    renew_in_vain(campaign, servers, echo)
    reached += list_everything(campaign)
    misconfigure(campaign)

    told = campaign.told | dict(stored(campaign))
    canaries = Canaries(chain(given(campaign), servers.secrets()))
    assert {name: found for name, text in told.items() if (found := canaries.found(text))} == {}
    assert [said for said in echo.said if not canaries.found(said.encode())] == []  # so it would have been found
    assert [text for text in reached if "***" not in text] == []
    places = (
        "daemon---log-human.out",
        "daemon---log-json.out",
        "campaign.db",
        "campaign.db-journal",
        "dump of the database",
    )
    assert [name for name in places if told[name].count(b"***") < 4] == []
    assert {name.partition("/")[0] for name in told} >= {"media", "pages", "published", "report.csv"}
    seen = b"".join(text for name, text in told.items() if name.startswith("process "))
    assert all(each in seen for each in (b"login\0typed", b"login\0oauth", b"--log\0human", b"--log\0json"))


def log_in(campaign: Campaign, servers: Servers) -> None:
    """Log two channels in; the session of the one has ended when it begins. Look at all processes meanwhile."""
    ended = rewritten(with_expired_tokens("accessJwt"))
    servers.typed.proxy.fault(SIGN_IN, ended, after_upstream=campaign.note_processes)
    servers.oauth.proxy.fault(GRANT, after_upstream=campaign.note_processes)
    answers = {"typed": f"{HANDLE}\n{PASSWORD}\n", "oauth": f"\n{servers.oauth.code()}\n"}
    running = [(campaign.begins("channel", "login", name), answer) for name, answer in answers.items()]
    for process, answer in running:
        process.communicate(answer.encode())
        assert process.returncode == 0
    assert len(servers.typed.proxy.seen(*RENEW)) == 1


def refused_logins(campaign: Campaign, servers: Servers, echo: Echo) -> Iterator[str]:
    """Type what a server refuses, and return what was told of it."""
    typed, oauth = servers.typed.proxy, servers.oauth.proxy
    password = f"{HANDLE}\n{PASSWORD}\n"
    for write in WRITINGS:
        typed.fault(SIGN_IN, echo(500, write))
        yield campaign.types("--debug", "channel", "login", "typed", answer=password, code=1)
        oauth.fault(GRANT, echo(400, write))
        yield campaign.types("channel", "login", "oauth", answer=f"\n{servers.oauth.code()}\n", code=1)
        oauth.fault(WHO, echo(401, write))
        yield campaign.types("channel", "login", "oauth", answer=f"{servers.oauth.secret()}\n", code=1)
    typed.fault(SIGN_IN, answered_with(503))  # what was granted, but not as we would take it
    yield campaign.types("channel", "login", "typed", answer=password, code=1)
    oauth.fault(REGISTER, answered_with(403))
    yield campaign.types("channel", "login", "oauth", answer="\n", code=1)
    oauth.fault(GRANT, answered_with(502))
    yield campaign.types("channel", "login", "oauth", answer=f"\n{servers.oauth.code()}\n", code=1)


def look_and_enable(campaign: Campaign, servers: Servers, echo: Echo) -> Iterator[str]:
    """Look at the channels and enable them, while what stands between repeats what it is sent."""
    servers.filed.proxy.fault(WHO, echo(502, on_page))
    yield campaign.types("channel", "check", code=3)
    servers.given.proxy.fault(SIGN_IN, echo(401, in_json("AuthenticationRequired")))
    yield campaign.types("check", "--json", code=3)
    servers.filed.proxy.fault(WHO, echo(401, in_base64))
    yield campaign.types("--debug", "channel", "enable", "filed", code=1)
    for name in servers.all:
        campaign.types("channel", "enable", name)


def publish(campaign: Campaign, servers: Servers, echo: Echo) -> None:
    """Let a daemon publish; each first visible call is answered by a page that repeats it."""
    approve(campaign, "The modules are open. Twelve hours, free of charge.", *servers.all, "news")
    for write, account in zip(WRITINGS, servers.all.values(), strict=True):
        account.proxy.fault(account.visible, echo(500, write))
        account.proxy.fault(account.visible, after_upstream=campaign.note_processes)
    before = [len(account.proxy.seen(*RENEW)) for account in (servers.typed, servers.given)]
    end_sessions(campaign)
    with campaign.daemon("human"):
        until(lambda: statuses(campaign) == {"published"})
    assert [len(account.live()) for account in servers.all.values()] == [1] * 4
    assert [len(account.proxy.seen(*RENEW)) for account in (servers.typed, servers.given)] == [n + 1 for n in before]


def renew_in_vain(campaign: Campaign, servers: Servers, echo: Echo) -> None:
    """Let a daemon find that a post is refused, that no credential is good any more, and that the config is wrong."""
    approve(campaign, "We are in Porto. Come and talk to us.", "oauth")
    servers.oauth.proxy.fault(servers.oauth.visible, echo(422, in_json("Refused")))
    servers.oauth.proxy.fault(WHO, echo(403, on_page), count=99)
    servers.filed.proxy.fault(WHO, echo(401, in_base64), count=99)
    servers.typed.proxy.fault(RENEW, echo(400, in_json("ExpiredToken")), count=99)
    servers.typed.proxy.fault(SIGN_IN, echo(401, in_json("AuthenticationRequired")), count=99)
    servers.given.proxy.fault(RENEW, echo(400, in_json("AccountTakedown")), count=99)
    end_sessions(campaign)
    forget_looks(campaign)
    campaign.environ["CAMPAIGN_KEY"] = (campaign.home / "campaign.key").read_text()
    good = campaign.config.read_text()
    with campaign.daemon("json") as daemon:
        until(lambda: campaign.log("json"))
        campaign.config.write_text(with_mistakes(good, *WRONG[-1]))
        daemon.send_signal(signal.SIGHUP)
        until(lambda: alerts(campaign) == ["blocked", "config", "failed", "login", "login", "login"])
        campaign.note_processes()
    campaign.config.write_text(good)
    for account in servers.all.values():
        account.proxy.heal()


def statuses(campaign: Campaign) -> set[str]:
    with campaign.app() as app, app.reading() as db:
        return {post.status for post in store.posts_where(db)}


def alerts(campaign: Campaign) -> list[str]:
    """Return of what kind the open alerts are."""
    with campaign.app() as app, app.reading() as db:
        return sorted(alert.key.partition(":")[0] for alert in store.open_alerts(db))


def end_sessions(campaign: Campaign) -> None:
    """Let the access tokens end that are stored."""
    with campaign.app() as app:
        for tokens in (app.tokens("typed"), app.tokens("given")):
            tokens.save({**(kept := tokens.load()), "access": expired(kept["access"])})


def forget_looks(campaign: Campaign) -> None:
    """Let it be long ago that anybody has looked at the accounts."""
    with campaign.app() as app, app.writing() as db:
        for state in store.channel_states(db).values():
            state.checked_at = None
            db.add(state)


def approve(campaign: Campaign, text: str, *channels: str) -> None:
    """Make a post, put its proof on a page, and approve it."""
    words = ("--region", "moravia-silesia", "--now", "--channels", ",".join(channels))
    said = campaign.types("quick", text, *words, answer="n\n")
    campaign.types("proof")
    campaign.types(*said.partition("Later: campaign ")[2].splitlines()[0].split())


def list_everything(campaign: Campaign) -> Iterator[str]:
    """Type every listing; return what those told that tell of an error."""
    [post] = [each["id"] for each in json.loads(campaign.types("post", "list", "--status", "failed", "--json"))]
    for words in (
        ("post", "list", "--all"),
        ("story", "list"),
        ("db", "check"),
        ("report",),
        ("report", "--out", "report.csv"),
    ):
        campaign.types(*words)
    for words in (("story", "list"), ("post", "list", "--all")):
        campaign.types(*words, "--json")
    yield campaign.types("why", post)
    for as_json in ((), ("--json",)):
        yield campaign.types("post", "show", post, *as_json)
        yield campaign.types("channel", "list", *as_json)
        yield campaign.types("log", "--last", "500", *as_json)
        yield campaign.types("status", *as_json, code=3)


def with_mistakes(config: str, right: str, wrong: str) -> str:
    assert right in config
    return config.replace(right, wrong, 1)


def misconfigure(campaign: Campaign) -> None:
    """Put secrets where they do not belong and wrong ones where they do, and have it told."""
    good = campaign.config.read_text()
    for right, wrong in WRONG:
        campaign.config.write_text(with_mistakes(good, right, wrong))
        assert "config.toml, line " in campaign.types("--debug", "check", code=2)
    campaign.config.write_text(good)
    for key in (NO_KEY, OTHER_KEY):
        said = campaign.types("--debug", "channel", "enable", "typed", code=2, CAMPAIGN_KEY=key)
        assert "cannot be opened" in said
    said = campaign.types("--debug", "channel", "login", "typed", code=2, CAMPAIGN_KEY=NO_KEY)
    assert "cannot be sealed" in said


def given(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Yield the secrets that did not come over the wire, each with its name."""
    yield from campaign.environ.items()
    yield "PROXY_PASSWORD, as it is meant", unquote(campaign.environ["PROXY_PASSWORD"])
    yield "what is typed", PASSWORD
    yield from ((path.name, path.read_text().strip()) for path in own_files(campaign))
    yield from (("a secret in a wrong place", secret) for secret in (LITERAL, NO_KEY, OTHER_KEY))


def own_files(campaign: Campaign) -> tuple[Path, ...]:
    """Return where secrets belong."""
    return campaign.home / "campaign.key", campaign.home / "secrets/token"


def stored(campaign: Campaign) -> Iterator[tuple[str, bytes]]:
    """Yield what lies in the folder, but for the secrets' own files, and the database in words and in mid-change."""
    with closing(sqlite3.connect(campaign.home / "campaign.db")) as db:
        yield "dump of the database", "\n".join(db.iterdump()).encode()
        for change in (
            "UPDATE event SET rowid = rowid",
            "UPDATE attempt SET rowid = rowid",
            "UPDATE alert SET rowid = rowid",
        ):
            db.execute(change)  # what stood there goes to the journal
        for path in campaign.home.rglob("*"):
            if path.is_file() and path not in own_files(campaign):
                yield str(path.relative_to(campaign.home)), path.read_bytes()


# --- the password of a database


def test_no_password_of_a_database_is_told(postgres: Postgres, folder: Path) -> None:
    password = "c4n4ry%26of-the-database"
    with postgres.database() as url:
        good = url.partition("@")[2]
        config = f'{CONFIG}[database]\nurl = "postgresql://campaign:${{DB_PASSWORD}}@{good}"\n'
        with closing(Campaign(folder, config, {"DB_PASSWORD": password})) as campaign:
            with campaign.daemon("json"):
                until(lambda: b"daemon.started" in campaign.log("json"))
                campaign.note_processes()
            assert "://campaign:***@" in campaign.types("check")
            for words in (("db", "check"), ("tick",), ("channel", "list"), ("status",), ("log",)):
                campaign.types(*words)
            for bad in ("127.0.0.1:9/campaign", "127.0.0.1:none/campaign", f"{good}&sslmode=${{DB_PASSWORD}}"):
                campaign.config.write_text(config.replace(good, bad))
                said = campaign.types("--debug", "status", code=1)
            assert 'invalid sslmode value: "***"' in said

    canaries = Canaries({"quoted": password, "as it is meant": unquote(password)}.items())
    told = campaign.told | {"log": campaign.log("json")}
    assert {name: found for name, text in told.items() if (found := canaries.found(text))} == {}

"""One HTTP call to a platform, and what its failure means. The only file, beside the simulators, that knows requests.

Every call goes over a connection of its own. There are no redirects, no retries, and no proxies or logins but those of
the config; TLS is always verified. A call has a deadline for the whole of it, because the timeout of requests starts
anew with every byte that drips in; a visible call also has a moment after which it refuses to write. Whether a first
byte was written is noted where it is written, in the connection: before it, nothing can have been published.
"""

from __future__ import annotations

import ipaddress
import json as jsonlib
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NoReturn

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from campaign.clock import Clock
from campaign.errors import NotSent, OutcomeUnknown, PlatformError, RateLimited
from campaign.platforms.deadlines import DEADLINES
from campaign.platforms.waits import reset, retry_after

ANSWER_CAP = 1024 * 1024  # bytes; no API answer that we read is longer
CONNECT_SECONDS = 5.0
CHUNK = 16 * 1024


@dataclass
class Wire:
    """What happened on the way, noted by the connection itself."""

    deadline: float  # boottime, seconds: the call is over then
    send_by: datetime | None  # no byte is written after this
    clock: Clock
    public_only: bool = False  # no address is reached that is not of the public internet
    wrote: bool = False
    late: bool = False
    over: bool = False
    sockets: list[socket.socket] = field(default_factory=list)

    def connected(self, sock: socket.socket) -> None:
        """Note a connection, so that it can be cut; too late for that, or made to a wrong place, it is refused."""
        self.sockets.append(sock)
        self.must_go_on()
        if self.public_only and not is_public(sock.getpeername()[0]):
            raise ConnectionRefusedError("the address leads to a network that is not public")

    def must_go_on(self) -> None:
        """Refuse to go on after the deadline."""
        if self.over or self.clock.boottime() > self.deadline:
            raise TimeoutError("the call took too long")

    def may_write(self) -> None:
        """Note the first byte; refuse it when it is too late, and any further one: half a request publishes nothing."""
        if self.send_by is not None and self.clock.now() > self.send_by:
            self.late = not self.wrote
            raise TimeoutError("too late to send")
        self.wrote = True

    def cut(self) -> None:
        """End the call from outside: shut its sockets down, whatever they wait for."""
        self.over = True
        for sock in self.sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


# An IPv4 address stands in these: as it is, or where a network's own translators and tunnels lead, which nobody knows.
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
TUNNELS = tuple(map(ipaddress.IPv6Network, ("64:ff9b:1::/48", "2002::/16", "::/96")))  # RFC 8215, 3056, 4291


def is_public(address: str) -> bool:
    """Whether an IP address is of the public internet, not of this machine, a local network or a cloud's inside."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if any(ip in network for network in TUNNELS):
            return False
        inside = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in TRANSLATED else ip.ipv4_mapped
        ip = inside or ip
    return ip.is_global and not ip.is_multicast


Transport = Callable[[Wire], BaseAdapter]


def real_transport(wire: Wire) -> BaseAdapter:
    """Return a requests adapter whose connections report to `wire`."""
    return _WatchedAdapter(wire)


ERROR_PAGE = 20_000  # characters: what an error has to say, it says before
_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """A platform's answer. Its readers raise the error that fits the call when something is missing."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    visible: bool

    @property
    def said(self) -> str:
        """The beginning of the body as plain words: an error page of a proxy is HTML."""
        begins = self.body.decode("utf-8", "replace")[:ERROR_PAGE]
        return " ".join(_TAGS.sub(" ", begins).split())[:300]

    def json(self) -> Any:
        """Return the body as JSON."""
        try:
            return jsonlib.loads(self.body)
        except (ValueError, RecursionError):  # the latter for brackets in brackets, thousands deep
            self.unreadable("the answer is not JSON")

    def get(self, *path: str | int) -> Any:
        """Return what stands at a path in the JSON body, None when nothing does."""
        value = self.json()
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def text(self, *path: str | int) -> str:
        """Return a text (or a number as text) that must be there and not be empty."""
        value = self.get(*path)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            self.unreadable(f"the answer lacks {'.'.join(map(str, path))}")
        return str(value)

    def maybe(self, *path: str | int) -> str:
        """Return a text that may be missing, then empty."""
        value = self.get(*path)
        return value if isinstance(value, str) else ""

    def count(self, *path: str | int) -> int | None:
        """Return a number that may be missing."""
        value = self.get(*path)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def unreadable(self, why: str) -> NoReturn:
        """Raise what an answer means that cannot be understood."""
        raise (OutcomeUnknown if self.visible else NotSent)(f"{why} (status {self.status})")


Classify = Callable[[Answer], PlatformError | None]


class Http:
    """Calls to one channel's platform.

    `classify` is the adapter's table of listed refusals: it returns the error that an answer means, or None when it
    is not listed; an unlisted failure of a visible call is unknown.
    """

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        *,
        call_deadline: timedelta = timedelta(seconds=30),
        transport: Transport = real_transport,
        classify: Classify | None = None,
        scrub: Callable[[str], str] = str,
        user_agent: str = "campaign",
        proxy: str = "",
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.clock = clock
        self.call_deadline = call_deadline
        self.transport = transport
        self.classify: Classify = classify or (lambda answer: None)
        self.scrub = scrub
        self.user_agent = user_agent
        self.proxies = {"https": proxy} if proxy else {}
        self.send_by: datetime | None = None  # set by `publish` for the visible call
        self.public_only = False  # set by adapters whose address a person types; a proxy judges for itself

    def get(self, path: str, **options: Any) -> Answer:
        """GET; see `call`."""
        return self.call("GET", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        """POST; see `call`."""
        return self.call("POST", path, **options)

    def put(self, path: str, **options: Any) -> Answer:
        """PUT; see `call`."""
        return self.call("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        """DELETE; see `call`."""
        return self.call("DELETE", path, **options)

    def call(
        self,
        method: str,
        path: str,
        *,
        visible: bool = False,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Any = None,
        files: Any = None,
        classify: Classify | None = None,
    ) -> Answer:
        """Make one call; `path` is relative to `base_url` or a whole address.

        `classify` stands in for the channel's table where the same status means something else.

        Raises:
            NotSent: certainly nothing became visible; RateLimited when the platform asks to wait.
            OutcomeUnknown: a visible call ended in a way that leaves it open.
            PlatformError: what `classify` made of the answer.
        """
        url = path if path.startswith(("http://", "https://")) else f"{self.base_url}{path}"
        seconds = self.call_deadline.total_seconds()
        public_only = self.public_only and not self.proxies
        wire = Wire(self.clock.boottime() + seconds, self.send_by if visible else None, self.clock, public_only)
        with _Session() as session:
            session.trust_env = False
            adapter = self.transport(wire)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            try:
                with session.request(
                    method,
                    url,
                    headers={"User-Agent": self.user_agent, **(headers or {})},
                    params=params,
                    json=json,
                    data=data,
                    files=files,
                    proxies=self.proxies,
                    timeout=(min(CONNECT_SECONDS, seconds), seconds),
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    answer = Answer(response.status_code, response.headers, self._read(response, wire), visible)
            except (requests.RequestException, OSError, ValueError) as error:
                raise self._broken(wire, visible, error) from None
        return self._judged(answer, classify or self.classify)

    def _read(self, response: requests.Response, wire: Wire) -> bytes:
        chunks, size = [], 0
        for chunk in response.iter_content(CHUNK):
            size += len(chunk)
            if size > ANSWER_CAP:
                raise OSError("the answer is too long")
            wire.must_go_on()
            chunks.append(chunk)
        wire.must_go_on()  # a body without a length ends where it was cut
        return b"".join(chunks)

    def _broken(self, wire: Wire, visible: bool, error: Exception) -> PlatformError:
        """Return what an error on the way means: only a written byte can have published anything."""
        if wire.late:
            return NotSent("the moment to send had passed before the connection stood; nothing was sent")
        reason = self.scrub(f"{type(error).__name__}: {error}")[:300]
        if visible and wire.wrote:
            return OutcomeUnknown(f"the connection broke after the request was sent ({reason})")
        return NotSent(f"the platform could not be reached ({reason})" if not wire.wrote else f"no answer ({reason})")

    def _judged(self, answer: Answer, classify: Classify) -> Answer:
        if 200 <= answer.status < 300:
            return answer
        hidden = self.scrub(answer.body.decode("utf-8", "replace"))
        answer = replace(answer, body=hidden.encode())  # whatever becomes of a refusal, it shows no secret
        if error := classify(answer):
            raise error
        wait = retry_after(answer.headers, self.clock.now())
        if answer.status == 429:
            raise RateLimited("the platform asks to wait", retry_after=wait or reset(answer.headers, self.clock.now()))
        said = f"status {answer.status}: {answer.said}"
        raise OutcomeUnknown(said) if answer.visible else NotSent(said, retry_after=wait)


class _Session(requests.Session):
    """A session that knows no redirects: of one that it does not follow, it would still read the body without end."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class _WatchedAdapter(HTTPAdapter):
    """An adapter of requests for one call: its connections tell `wire` when they write, and end with its deadline."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._deadline = DEADLINES.after(wire.deadline - wire.clock.boottime(), wire.cut)
        super().__init__(max_retries=0)

    def close(self) -> None:
        DEADLINES.take_back(self._deadline)
        self._wire.cut()  # urllib3 itself closes a pooled connection only when the garbage collector comes to it
        super().close()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **kwargs)
        self._watch(manager)
        return manager

    def _watch(self, manager: PoolManager) -> None:
        pools: dict[str, Any] = {  # to urllib3 classes, but called and nothing else
            "http": partial(_watched, HTTPConnectionPool, _PlainConnection, self._wire),
            "https": partial(_watched, HTTPSConnectionPool, _TlsConnection, self._wire),
        }
        manager.pool_classes_by_scheme = pools


def _watched(pool: Any, connection: Any, wire: Wire, *args: Any, **kwargs: Any) -> Any:
    """Return a pool of urllib3 whose connections tell `wire` when they write."""
    made = pool(*args, **kwargs)
    made.ConnectionCls = partial(connection, wire=wire)
    return made


class _Watched:
    """What a connection of urllib3 does besides for us: it reports to its wire.

    It stands before a connection class, which brings what is ignored to mypy below: `sock`, `connect` and `send`.
    """

    def __init__(self, *args: Any, wire: Wire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wire = wire
        self._stands = False  # what is sent before, asks a proxy for the way and says nothing to the platform

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]  # the class beside this one has it
        self._stands = True
        self._wire.connected(self.sock)  # type: ignore[attr-defined]

    def send(self, data: Any) -> None:
        if self.sock is None:  # type: ignore[attr-defined]
            self.connect()
        if self._stands:
            self._wire.may_write()
        super().send(data)  # type: ignore[misc]


class _PlainConnection(_Watched, HTTPConnection):
    pass


class _TlsConnection(_Watched, HTTPSConnection):
    pass

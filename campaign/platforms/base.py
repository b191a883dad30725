"""What a platform is to the rest of the program: its limits, its abilities, and the frozen values it is given.

There is next to no logic here. An adapter sees these dataclasses and its `http`; never the database, templates or PIL.
It refuses only what it cannot express: lengths and image sizes are checked once, in `render`.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError

from campaign.clock import Clock
from campaign.config.words import Secret
from campaign.errors import NotSent, PlatformError, Unsupported

if TYPE_CHECKING:
    from campaign.platforms.http import Answer, Http

Unit = Literal["characters", "graphemes", "utf16", "bytes", "emoji-bytes", "x-weighted"]


@dataclass(frozen=True)
class Limits:
    """How much a platform takes. Each adapter gives the source URL beside each number."""

    text: int  # in `unit`
    unit: Unit = "characters"
    text_bytes: int | None = None  # UTF-8, where the platform bounds these too
    caption: int | None = None  # of a text with pictures, where that is less than `text`
    link_length: int | None = None  # what any link counts as; None: its own length
    alt_text: int = 1000  # characters
    alt_heard: bool = True  # an alt text reaches those who do not see the picture
    images: int = 1
    image_bytes: int = 5_000_000
    image_types: tuple[str, ...] = ("image/jpeg",)
    formats: tuple[str, ...] = ("landscape",)  # card formats that suit it, best first
    hashtags: int = 5
    threads: bool = False  # a post may be a chain of replies
    comments: bool = False  # a post may get a first comment by its own account
    needs_image: bool = False  # there is no post without a picture
    links_work: bool = True  # readers can follow an address in a text
    one_shape: bool = False  # pictures beside the first are shown in its shape
    brings_preview: bool = False  # nobody makes a preview of a link there: the post brings its own

    def beside(self, *, pictures: bool) -> Limits:
        """Return the limits of a post with pictures, or without."""
        return replace(self, text=min(self.text, self.caption)) if pictures and self.caption else self


@dataclass(frozen=True)
class Image:
    """One picture of a part, as it lies in the media folder."""

    path: Path
    sha256: str
    media_type: str
    width: int
    height: int
    size: int  # bytes
    alt: str

    def approved_bytes(self) -> bytes:
        """Return its bytes.

        Raises:
            NotSent: they cannot be read, or are not those that a person has approved.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise NotSent(f"the picture {self.path} cannot be read: {error.strerror}") from None
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise NotSent(f"the picture {self.path.name} is not the one that was approved")
        return data


def unmarked(text: str) -> str:
    """Return a text without the letters by which its links tell posts apart.

    A database that was restored may know a live post under another id.
    """
    return re.sub(r"\butm_content=\w+", "", text)


@dataclass(frozen=True)
class Preview:
    """What stands under a post for the page that it links to."""

    title: str
    description: str = ""
    image: Image | None = None


@dataclass(frozen=True)
class Outgoing:
    """One part of a post as it is to be sent: frozen, approved bytes."""

    post: str  # uuid
    part: str  # uuid; also the idempotency key
    n: int
    role: Literal["post", "reply", "comment"]
    text: str
    language: str  # BCP 47
    link: str = ""
    title: str = ""
    slug: str = ""
    region: str = ""
    kind: str = ""
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    preview: Preview | None = None
    due_at: datetime | None = None
    marked: bool = (
        True  # the marks in its links are its own; False after a restore: live it may have those of another id
    )
    root: str = ""  # remote id of the first part, for a reply or a comment
    reply_to: str = ""  # remote id of the part before; of the first one, for a comment


class Checkpoint:
    """What an adapter must remember between its calls, stored the moment it is learnt.

    Values are JSON. `save` commits the whole; a crash after it costs an orphan upload and nothing else.
    """

    def __init__(self, values: Mapping[str, Any], save: Callable[[dict[str, Any]], None]) -> None:
        self._values = dict(values)
        self._save = save

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str, default: Any = None) -> Any:
        return self._values.get(key, default)

    def put(self, key: str, value: Any) -> None:
        """Remember `value` under `key`, committed before this returns."""
        changed = {**self._values, key: value}
        self._save(changed)
        self._values = changed

    def forget(self, keys: Sequence[str]) -> None:
        """Drop stale handles, committed before this returns."""
        changed = {key: value for key, value in self._values.items() if key not in keys}
        if changed != self._values:
            self._save(changed)
            self._values = changed


@dataclass(frozen=True)
class Published:
    """The platform's yes."""

    remote_id: str
    permalink: str = ""


@dataclass(frozen=True)
class Found:
    """The part is live."""

    remote_id: str
    permalink: str = ""


@dataclass(frozen=True)
class Absent:
    """The platform can tell, and the part is not live (yet)."""

    honours_key: bool = True  # this server is known to answer a repeated key with the first post


@dataclass(frozen=True)
class CannotTell:
    """The platform cannot be asked, and why: a person must look."""

    reason: str


@dataclass(frozen=True)
class Confirmation:
    """What a look at a live part told; never changes its status."""

    permalink: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Metrics:
    """Counts of one live part in our words, and the cause of each missing one. A missing count is never 0."""

    counts: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Account:
    """Whom a channel's credentials belong to, until when, and what the service allows there."""

    id: str
    name: str
    limits: Limits
    token_expires_at: datetime | None = None
    warnings: tuple[str, ...] = ()


class TokenStore(Protocol):
    """Where a channel's tokens live; implemented in `campaign.credentials`."""

    def load(self) -> dict[str, str]:
        """Return the stored tokens, empty when there are none."""
        ...

    def save(self, tokens: Mapping[str, str]) -> None:
        """Store tokens before their first use."""
        ...

    def renewing(self) -> AbstractContextManager[dict[str, str]]:
        """Give the stored tokens to the one who renews them; nobody else does so meanwhile, in whatever process.

        Whoever waited may find them renewed already.

        Raises:
            NotSent: somebody else is renewing them now.
        """
        ...


class Prompt(Protocol):
    """Whoever sits at the keyboard while a channel logs in; implemented by the command line."""

    def ask(self, question: str, *, hidden: bool = False) -> str:
        """Return what the person types, without blanks around it; `hidden` for passwords and tokens."""
        ...

    def tell(self, text: str) -> None:
        """Show a text, such as an address to open."""
        ...

    def consent(self, address: str, redirect_uri: str) -> str:
        """Let a person agree in a browser, and return the address that it was sent to afterwards.

        Taken where `redirect_uri` leads to this machine and the browser runs on it, else pasted by the person.
        """
        ...


class PublicMedia(Protocol):
    """Where a platform that fetches pictures itself finds them; implemented in `campaign.public`."""

    def show(self, image: Image) -> str:
        """Make a picture public under its hash, and return its address; done again, it changes nothing.

        Raises:
            NotSent: it could not be put there.
            Rejected: the config names no such place.
        """
        ...


class PlatformSettings(BaseModel):
    """The keys that a channel of a platform may set. Every channel may set `base_url`."""

    # A credential's field has the type Secret: pydantic would copy its mask into a plain text.
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)

    base_url: str = ""

    def brings_credentials(self) -> bool:
        """Whether the config holds what others get by logging in: any secret but that of the app itself."""
        return any(isinstance(value, Secret) for name, value in vars(self).items() if name != "client_secret")

    @field_validator("base_url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        """Tokens travel over TLS only; a server on this machine may do without."""
        address = urlsplit(url)
        if url and address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
            raise PydanticCustomError("not_https", "this must be an address that begins with https://")
        return url.rstrip("/")


LOOPBACK = ("127.0.0.1", "::1", "localhost")
COUNTS = ("impressions", "reactions", "comments", "shares", "clicks")  # the words of every report


class Platform(ABC):
    """One service. Adding one = a file here, a folder in templates/posts, a line in the registry."""

    name: ClassVar[str]  # = module = template folder = registry key
    limits: ClassVar[Limits]
    replay_window: ClassVar[timedelta] = timedelta(0)  # how long the same key is safe to send again; 0: never
    settle: ClassVar[timedelta | None] = None  # when absence counts as proof; None: never
    cannot_edit: ClassVar[str] = ""  # why `edit` always refuses, where it is there to say so
    starts_enabled: ClassVar[bool] = False  # True only where nothing leaves this machine
    fetches: ClassVar[bool] = False  # pictures, from addresses that everybody can read: it needs `public`
    for_good: ClassVar[tuple[str, ...]] = ()  # of a checkpoint: what stays though a person has a part sent anew
    Settings: ClassVar[type[PlatformSettings]] = PlatformSettings
    public: PublicMedia  # set by whoever builds an adapter

    def __init__(self, settings: PlatformSettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        self.settings = settings
        self.http = http
        self.clock = clock
        self.tokens = tokens
        http.classify = self.classify

    @property
    def cannot_delete(self) -> str:
        """Why `delete` would refuse, whatever the post, as the channel is set; empty where it can be tried."""
        return ""

    def classify(self, answer: Answer) -> PlatformError | None:
        """Return what a refusal of the platform means by its own table, None when it is not listed."""
        return None

    def login(self, prompt: Prompt) -> Mapping[str, str]:
        """Get tokens for the account, with the help of a person; the caller stores them.

        Raises:
            PlatformError: the platform gave none.
        """
        raise Unsupported(f"{self.name} has nothing to log in to")

    @abstractmethod
    def check(self) -> Account:
        """Whether the credentials are good, and what the account allows."""

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:  # noqa: B027 - most platforms have nothing to prepare
        """Make everything ready that nobody can see yet. Each handle goes into the checkpoint at once."""

    @abstractmethod
    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        """Make the part visible, by exactly one call."""

    @abstractmethod
    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        """Look whether the part is live, sent at or after `since`."""

    def id_at(self, address: str, item: Outgoing) -> str:
        """Return the id of a part that a person has seen at an address; the address itself where that is all we know.

        For a platform that must know the part to tell it. What an address tells alone is read when it is used.
        """
        return address

    def confirm(self, remote_id: str) -> Confirmation:
        """Look at a live part again."""
        raise Unsupported(f"{self.name} has nothing to confirm")

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        """Return counts by remote id, or the cause of their absence."""
        raise Unsupported(f"{self.name} counts nothing")

    def followers(self) -> int | None:
        """Return how many follow the account; None when the platform does not say."""
        raise Unsupported(f"{self.name} has no followers")

    def edit(self, remote_id: str, item: Outgoing) -> None:
        """Change a live part."""
        raise Unsupported(f"{self.name} cannot change a published post")

    def delete(self, remote_id: str) -> None:
        """Take a live part down."""
        raise Unsupported(f"{self.name} cannot take a post down")


def has(kind: type[Platform], ability: str) -> bool:
    """Whether a platform has an ability of its own, such as `prepare` or `confirm`."""
    return getattr(kind, ability) is not getattr(Platform, ability)

"""The text of a post: a template for its platform and kind, filled with the story's words, made to fit.

What regions write goes into templates as data and is never compiled as one. How templates are written is told to
their authors in `templates/posts/_default/_readme.txt`.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, Literal

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
    nodes,
    pass_context,
)
from jinja2.runtime import Context

from campaign import fit
from campaign.config.words import Channel, Config
from campaign.errors import RenderError
from campaign.files import shipped
from campaign.platforms.base import Limits
from campaign.render import links, words
from campaign.render.context import context_for
from campaign.render.plain import plain, tidy
from campaign.story import Content, Telling

WRONG_TEMPLATE = (TemplateError, TypeError, ValueError, ArithmeticError)  # what a slip in a template raises


@dataclass(frozen=True)
class PartText:
    """The text of one part as it goes out."""

    role: Literal["post", "reply", "comment"]
    text: str
    link: str  # with the campaign's marks, where this part bears it
    tags: tuple[str, ...]  # the hashtags that are in the text, without their sign


@dataclass(frozen=True)
class Composed:
    """A post's text as it goes out: parts of a thread, a first comment. The last bears the link."""

    parts: tuple[PartText, ...]
    cut: tuple[str, ...]  # in plain language, what was shortened or left out


def compose(
    *,
    config: Config,
    channel: Channel,
    limits: Limits,
    content: Content,
    language: str,
    telling: Telling,
    slug: str,
    marker: str,
    due_at: datetime | None,
) -> Composed:
    """Write the text of a post about `telling`, which is in `language`, for `channel`.

    `marker` is the start of the post's UUID; it stands in the link. `due_at` matters to templates that name the day.

    Raises:
        RenderError: a template is wrong, the story lacks what its kind needs, or the text cannot be made to fit.
    """
    address = links.address_of(content, telling)
    link = address and links.counted(
        address, config=config, channel=channel, region=content.regions[0], slug=slug, marker=marker
    )
    shown = link if limits.links_work else links.typed(address)
    given = context_for(config, channel, content, language, telling, due_at)
    hashtags = links.hashtags_of(config, channel, content, limits.hashtags)
    blocks = _blocks(config, channel.platform, content.kind.value, {**given, "link": shown, "hashtags": hashtags})
    limits = replace(limits, text=min(limits.text, channel.max_text or limits.text))
    count = partial(fit.length, bounds=limits)
    apart = [block for block in blocks if comments_link(channel, limits) and _bears(block, shown)]
    fitted = fit.in_parts(
        [block for block in blocks if block not in apart], limits.text, count, most_parts(channel, limits)
    )
    texts = [*fitted.texts, *([fit.fit(apart, limits.text, count).text] if apart else [])]
    parts = (
        PartText(
            role="post" if n == 1 else "comment" if n > len(fitted.texts) else "reply",
            text=text,
            link=link if n == len(texts) and limits.links_work else "",
            tags=_tags_in(text, hashtags),
        )
        for n, text in enumerate(texts, start=1)
    )
    return Composed(tuple(parts), fitted.cut)


def comments_link(channel: Channel, limits: Limits) -> bool:
    """Whether a post's link, with the words before it, stands in a first comment instead of in its text."""
    return channel.first_comment == "link" and limits.comments


def _bears(block: fit.Block, link: str) -> bool:
    """Whether a part of a template is there for the link."""
    return bool(link) and link in block.text and not block.is_prose


def most_parts(channel: Channel, limits: Limits) -> int:
    """Return in how many parts a post of this channel may go out."""
    return channel.thread if limits.threads else 1


def _tags_in(text: str, hashtags: Sequence[str]) -> tuple[str, ...]:
    there = {tag.casefold() for tag in fit.tags(text)}
    return tuple(tag for tag in hashtags if tag.casefold() in there)


def template_chain(config: Config, platform: str, kind: str) -> tuple[Path, ...]:
    """Return every file that shapes the text of this kind on this platform: templates, what they include, the words.

    Raises:
        RenderError: a template cannot be read, or includes another by a name that is only known when it runs.
    """
    return (*_sources(config, platform, kind), *words.words_files(config))


def uses_when(config: Config, platform: str, kind: str) -> bool:
    """Whether the text names the day it goes out on, so that another slot means another text.

    Raises:
        RenderError: as `template_chain`.
    """
    return any(source.names_day for source in _sources(config, platform, kind).values())


def _blocks(config: Config, platform: str, kind: str, given: Mapping[str, Any]) -> list[fit.Block]:
    """Run the template and return its parts in their order."""
    blocks: list[fit.Block] = []
    ending = False

    def at_end() -> str:
        nonlocal ending
        ending = True
        return ""

    def part(
        name: str, *, goes: int = 0, shorten: bool = False, join: fit.Join = "paragraph", caller: Callable[[], str]
    ) -> str:
        if join not in fit.GLUE or not 0 <= goes <= 9:
            raise RenderError(
                f'The part "{name}" of the template for {kind} has goes={goes} and join="{join}".',
                remedy='goes is 1 (first) to 9 (last), join is "line" or "space"; leave either out for the usual.',
            )
        block = fit.Block(name, tidy(caller()), goes, shorten, join)
        if _bears(block, given["link"]):
            at_end()
        blocks.append(replace(block, last=ending))
        return ""

    environment = _environment(config.folders.templates)
    try:
        template = environment.select_template(_names(platform, kind))
        outside = template.render({**given, "part": part, "at_end": at_end})
    except WRONG_TEMPLATE as error:
        raise _in_template(error) from error
    if outside.strip():
        raise RenderError(
            f"{template.filename}: text stands outside a part: “{fit.shorten(outside.strip(), 60, len)}”.",
            remedy='Put it between {% call part("name") %} and {% endcall %}.',
        )
    return blocks


@cache
def _environment(own: Path | None) -> Environment:
    """Return the templates: a team's own folder first, then the shipped ones."""
    folders = [own / "posts"] if own else []
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (*folders, shipped("templates", "posts"))]),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - posts are plain text
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": plain, "listed": _listed, "quoted": _quoted}
    return environment


@pass_context
def _listed(context: Context, items: list[str]) -> str:
    return words.listed(items, context["words"])


@pass_context
def _quoted(context: Context, text: str) -> str:
    return words.in_quotes(text, context["words"])


def _names(platform: str, kind: str) -> list[str]:
    return [f"{platform}/{kind}.txt.j2", f"_default/{kind}.txt.j2"]


@dataclass(frozen=True)
class Source:
    """What a template file says about itself."""

    includes: tuple[str | None, ...]  # None: a name that is only known when it runs
    names_day: bool


@lru_cache(maxsize=256)
def _source(environment: Environment, text: str, name: str, filename: str | None) -> Source:
    tree = environment.parse(text, name, filename)
    names_day = any(each.name == "post" for each in tree.find_all(nodes.Name))
    return Source(tuple(meta.find_referenced_templates(tree)), names_day)


def _sources(config: Config, platform: str, kind: str) -> dict[Path, Source]:
    """Return each template file that takes part, the kind's own first."""
    environment = _environment(config.folders.templates)
    found: dict[Path, Source] = {}
    try:
        waiting = [environment.select_template(_names(platform, kind)).name]
        while waiting:
            name = waiting.pop(0)
            if name is None:
                raise RenderError(
                    f"{list(found)[-1]}: a template is included by a computed name.",
                    remedy="Write the name itself, such as {% include '_default/_end.j2' %}.",
                )
            source, filename, _ = environment.loader.get_source(environment, name)  # type: ignore[union-attr]
            path = Path(str(filename))
            if path not in found:
                found[path] = _source(environment, source, name, filename)
                waiting.extend(found[path].includes)
    except WRONG_TEMPLATE as error:
        raise _in_template(error) from error
    return found


def _in_template(error: Exception) -> RenderError:
    """Return an error of Jinja in words for whoever edits templates: which file, which line, what."""
    what = error.message or "" if isinstance(error, TemplateError) else str(error)
    if isinstance(error, TemplateNotFound):
        what = f"there is no template {what}"
    if isinstance(error, TemplateSyntaxError):
        where = f"{error.filename or error.name}, line {error.lineno}"
    else:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
        where = f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else "templates/posts"
    return RenderError(f"{where}: {what}.", remedy="What templates may use stands in posts/_default/_readme.txt.")

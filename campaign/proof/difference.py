"""What has changed since a post was last approved, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from campaign.models import PartContent, PreviewContent


@dataclass(frozen=True)
class Piece:
    """Some words that stayed, came or went."""

    what: Literal["same", "new", "gone"]
    text: str


@dataclass(frozen=True)
class Difference:
    """How a post differs from its last approved version."""

    words: tuple[Piece, ...]  # of texts and alt texts; empty when no word has changed
    pictures: bool  # a picture is another one, or there are more or fewer


def difference(old: Sequence[PartContent], new: Sequence[PartContent]) -> Difference | None:
    """Return what has changed, None when nothing that the public sees has."""
    before, after = _told(old), _told(new)
    changed = [label for label in {**before, **after} if before.get(label) != after.get(label)]
    words = compare(*("\n".join(label + told[label] for label in changed if label in told) for told in (before, after)))
    pictures = _files(old) != _files(new)
    return Difference(tuple(words), pictures) if changed or pictures else None


def compare(old: str, new: str) -> Iterator[Piece]:
    """Yield the words of both texts in order; what went stands before what came in its place."""
    before, after = _words(old), _words(new)
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(before[i:j]))
            continue
        if i < j:
            yield Piece("gone", "".join(before[i:j]))
        if k < m:
            yield Piece("new", "".join(after[k:m]))


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\S+", text)


def _told(parts: Sequence[PartContent]) -> dict[str, str]:
    """Return everything of a post that is words, by what stands before it: an approval binds more than the text."""
    told: dict[str, str] = {}
    for n, part in enumerate(parts, start=1):
        which = f"Part {n}. " if n > 1 else ""
        told |= {which: part.text, f"{which}Language: ": part.language, f"{which}Title: ": part.title}
        told |= {f"{which}Link: ": part.link, f"{which}Tags: ": " ".join(part.tags)}
        told |= {f"{which}Alt text {k}: ": image.alt for k, image in enumerate(part.images, start=1)}
        told |= _told_of_preview(which, part.preview) if part.preview else {}
    return told


def _told_of_preview(which: str, preview: PreviewContent) -> dict[str, str]:
    alt = preview.image.alt if preview.image else ""
    return {
        f"{which}Title of the preview: ": preview.title,
        f"{which}Description of the preview: ": preview.description,
        f"{which}Alt text of the preview: ": alt,
    }


def _files(parts: Sequence[PartContent]) -> list[tuple[list[str], list[str]]]:
    """Return the pictures of each part and of its preview: moved from one to the other, they are others."""
    return [
        ([image.sha256 for image in part.images], [image.sha256 for image in part.files[len(part.images) :]])
        for part in parts
    ]

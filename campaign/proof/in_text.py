"""A proof in the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from campaign import fit
from campaign.models import PartContent, PreviewContent
from campaign.proof.checks import Level
from campaign.proof.difference import Difference
from campaign.proof.items import Item, Proof

MARKS = {Level.WRONG: "✗", Level.LOOK: "!", Level.FINE: "✓"}
SIGNS = {"same": "{}", "new": "{{+{}+}}", "gone": "[-{}-]"}  # as `git diff --word-diff` writes it


def in_text(proof: Proof) -> str:
    """Return the whole proof for a terminal, the command that approves it at the end."""
    if not proof.items:
        return "Nothing waits for approval."
    pieces = [item_in_text(item) for item in proof.items]
    if proof.code:
        pieces.append(f"To approve exactly this: campaign approve --proof {proof.code}")
    return "\n\n".join(pieces)


def item_in_text(item: Item) -> str:
    """Return one post for a terminal."""
    width = max(len(name) for name, _ in item.facts)
    lines = [f"{item.name}  {item.short}", item.title, ""]
    lines += [f"{name.ljust(width)}  {value}" for name, value in item.facts]
    for n, (part, length) in enumerate(zip(item.parts, item.lengths, strict=True), start=1):
        of_several = f"part {n} of {len(item.parts)}, " if len(item.parts) > 1 else ""
        which = "first comment, " if part.role == "comment" else of_several
        lines += ["", *_part(part), f"  ({which}{length})"]
    lines += ["", *(f"{MARKS[finding.level]} {finding.text}" for finding in item.findings)]
    if item.difference:
        lines += ["", "Changed since it was last approved:", *_difference(item.difference)]
    return "\n".join(lines)


def _part(part: PartContent) -> Iterator[str]:
    yield from (f"  │ {line}".rstrip() for line in fit.as_read(part.text).split("\n"))
    for n, image in enumerate(part.images, start=1):
        yield f"  │ [picture {n}: {image.width} × {image.height}] {image.alt or 'no alt text'}"
    if part.preview:
        yield from _preview(part.preview, urlsplit(part.link).netloc)


def _preview(preview: PreviewContent, host: str) -> Iterator[str]:
    yield f"  │ [preview of {host or 'no link'}]"
    yield from (f"  │   {line}" for line in (preview.title, preview.description) if line)
    if image := preview.image:
        yield f"  │   [picture: {image.width} × {image.height}] {image.alt or 'no alt text'}"


def _difference(changed: Difference) -> Iterator[str]:
    words = "".join(SIGNS[piece.what].format(piece.text) for piece in changed.words)
    yield from (f"  │ {line}".rstrip() for line in words.split("\n") if words)
    if changed.pictures:
        yield "  │ The picture is another one."

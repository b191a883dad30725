"""What regions write, as plain text: bodies come in Markdown, and posts know none."""

from __future__ import annotations

import re
import unicodedata

_STEPS = (
    (re.compile(r"^[ \t]*```.*$\n?", re.MULTILINE), ""),  # fences of code
    (re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t#]*$", re.MULTILINE), r"\1"),  # headings; a #tag has no space
    (re.compile(r"^[ \t]{0,3}(?:[-*_][ \t]*){3,}$", re.MULTILINE), ""),  # rules
    (re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE), ""),  # quoted lines
    (re.compile(r"^([ \t]*)[-*+][ \t]+", re.MULTILINE), r"\1– "),  # items of a list
    (re.compile(r"!\[([^\]\n]*)\]\([^)\n]*\)"), ""),  # pictures
    (re.compile(r"\[([^\]\n]+)\]\((https?://[^)\s]+)\)"), r"\1 (\2)"),  # links keep their address
    (re.compile(r"<(https?://[^>\s]+)>"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)([^\n]+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_/])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!>-])"), r"\1"),  # escaped signs
)
_SOFT_BREAK = re.compile(r"(?<=[^\n])\n(?=[^\s–\d])")  # Markdown joins the lines of a paragraph


def plain(markdown: str) -> str:
    """Return a Markdown text without its marks, its paragraphs and lists kept."""
    text = markdown
    for pattern, replacement in _STEPS:
        text = pattern.sub(replacement, text)
    return tidy(_SOFT_BREAK.sub(" ", text))


def tidy(text: str) -> str:
    """Return `text` in composed letters (NFC), without loose space at ends of lines and more than one blank line."""
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", text).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

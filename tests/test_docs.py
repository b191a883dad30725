"""What the documents tell to type, click or open is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from campaign.cli import Lazy, cli

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")])
TARGETS = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
NEXT_COMMAND = ("|", "&&", "||", ";", ">")


def code_in(text: str) -> Iterator[str]:
    """Yield the lines of all code blocks, without prompts, and all code within sentences."""
    for block in re.findall(r"(?ms)^```\w*\n(.*?)^```", text):
        yield from (line.strip().removeprefix("$ ") for line in block.splitlines())
    outside = re.sub(r"(?ms)^```.*?^```", "", text)
    yield from re.findall(r"`([^`\n]+)`", outside)


def examples_in_help(command: click.Command) -> Iterator[str]:
    """Yield what the help of a command and of those below it tells to type."""
    command = command.load() if isinstance(command, Lazy) else command
    for line in f"{command.help}\n{command.epilog or ''}".splitlines():
        if found := re.match(r"(?:Begin with:)?\s*(campaign .+)", line):
            yield re.split(r" {3,}", found[1])[0]
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from examples_in_help(below)


def misspelt(typed: str) -> str:
    """Return what `campaign` does not know of a command line, empty when it knows all."""
    command: click.Command = cli
    options = {option: parameter for parameter in command.params for option in parameter.opts}
    words = iter(shlex.split(typed, comments=True)[1:])
    for word in words:
        if word in NEXT_COMMAND or word.isupper():  # COMMAND stands for any
            break
        if word.startswith("--"):
            name, _, value = word.partition("=")
            if name not in {*options, "--help"}:
                return name
            if not value and name in options and not getattr(options[name], "is_flag", False):
                next(words, None)
        elif isinstance(command, click.Group):
            if word not in command.commands:
                return word
            below = command.commands[word]
            command = below.load() if isinstance(below, Lazy) else below
            options |= {option: parameter for parameter in command.params for option in parameter.opts}
    return ""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
class TestADocument:
    def test_its_links_lead_somewhere(self, document: Path) -> None:
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
            if not re.match(r"[a-z]+:", target):
                path, _, heading = target.partition("#")
                assert (place := document.parent / path if path else document).exists(), target
                assert not heading or heading in anchors(place.read_text()), target

    def test_its_commands_can_be_typed(self, document: Path) -> None:
        for line in code_in(document.read_text()):
            if line.startswith("campaign "):
                assert not misspelt(line), line
            if line.startswith("make "):
                assert line.split()[1] in TARGETS, line

    def test_the_files_of_the_project_that_it_names_are_there(self, document: Path) -> None:
        for code in code_in(document.read_text()):
            if re.fullmatch(r"(campaign|templates|assets|examples|tests|benchmarks|deploy|docs)/[\w./-]+", code):
                assert (ROOT / code).exists(), code


def anchors(markdown: str) -> set[str]:
    """Return the names by which headings are linked: lower case, hyphens for spaces, nothing else but letters."""
    headings = re.findall(r"(?m)^#+ (.+)$", markdown)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_what_the_help_texts_tell_to_type_can_be_typed() -> None:
    examples = list(examples_in_help(cli))

    assert len(examples) > 30
    assert {example: wrong for example in examples if (wrong := misspelt(example))} == {}


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("campaign status", ""),
        ("campaign --config here.toml post now 3fa2 --help  # soon", ""),
        ("campaign report --by region --from 2026-03-01 | less", ""),
        ("campaign COMMAND --help", ""),
        ("campaign pots list", "pots"),
        ("campaign post lists", "lists"),
        ("campaign approve --prof 7K2MXA", "--prof"),
    ],
)
def test_a_command_line_that_does_not_exist_is_found(typed: str, wrong: str) -> None:
    assert misspelt(typed) == wrong

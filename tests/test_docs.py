"""What the documents tell to type, click or open is there, and what they show is what one gets."""

from __future__ import annotations

import os
import pkgutil
import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import click
import pytest
from PIL import Image

from campaign import cards, intake
from campaign.app import open_app
from campaign.cli import Lazy, cli
from campaign.config import load
from campaign.errors import Exit
from campaign.intake import Taken, schema
from campaign.rehearsal.clock import VirtualClock
from campaign.story import Kind
from tests.cli.conftest import Keyboard
from tests.conftest import MONDAY
from tests.making import picture

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("[!.]*/README.md")])
TARGETS = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))
NEXT_COMMAND = ("|", "&&", "||", ";", ">")
FOLDERS = ("campaign", "templates", "assets", "examples", "tests", "benchmarks", "deploy", "docs")
PLACEHOLDER = r"\b(NAME|KIND)\b"
FILES = ("campaign.db", "campaign.key", "campaign.service")  # which read like names of the code
TOKEN = re.compile(r"\b[0-9a-f]{8}\b|(?<=proof[ -])[0-9A-Z]{6}\b")  # what every run draws anew: ids and codes
STORY_MD = (ROOT / "docs" / "story.md").read_text()


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
            if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w./-]+", code) and not re.search(PLACEHOLDER, code):
                assert (ROOT / code).exists(), code

    def test_the_settings_that_it_names_are_explained_in_the_example_config(self, document: Path) -> None:
        for section, key in settings_in(document.read_text()):
            assert section in SETTINGS, section
            assert not key or key in SETTINGS[section], f"[{section}] {key}"

    def test_the_names_of_the_code_that_it_gives_are_there(self, document: Path) -> None:
        for name in code_in(document.read_text()):
            if re.fullmatch(r"campaign(\.\w+)+", name) and name not in FILES:
                assert pkgutil.resolve_name(name), name


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


def settings_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a document says of the config as (section, key): `[approval] required`, `[people.zuzana]`, TOML."""
    for code in code_in(text):
        if found := re.fullmatch(r"\[([a-z]+)(?:\.[\w-]+)?\](?: (\w+))?", code):
            yield found[1], found[2] or ""
    for block in re.findall(r"(?ms)^```toml\n(.*?)^```", text):
        for section, keys in tomllib.loads(block).items():
            yield from ((section, key) for key in keys)


def settings_of_the_example() -> dict[str, set[str]]:
    """Return the keys of each section of the example config, those that stand in remarks included."""
    known: dict[str, set[str]] = {}
    section = ""
    for line in (ROOT / "config.example.toml").read_text().splitlines():
        if found := re.match(r"(?:# )?\[+([a-z]+)(?:\.[\w.-]+)?\]+$", line):
            section = found[1]
            known.setdefault(section, set())
        elif found := re.match(r"(?:##? )?(\w+) = ", line):
            known[section].add(found[1])
    return known


SETTINGS = settings_of_the_example()


def leaves(command: click.Command, path: str = "campaign") -> Iterator[str]:
    """Yield every command line that does something: groups are only the way there."""
    command = command.load() if isinstance(command, Lazy) else command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from leaves(below, f"{path} {name}")
    else:
        yield path


def test_every_command_stands_in_the_table_of_the_readme() -> None:
    told = re.findall(r"(?m)^\| `(campaign [a-z -]*[a-z])\b", (ROOT / "README.md").read_text())

    assert {line for line in leaves(cli) if not any(row == line or row.startswith(f"{line} ") for row in told)} == set()


@dataclass
class Dialogue:
    """Commands that a document shows with their answers, typed by an officer on a virtual clock, a minute each.

    A line of … stands for any lines, … within a line for anything. Ids and codes are new in each run, so what a
    document shows is translated into what was answered, from the first time on that it appears.
    """

    keyboard: Keyboard
    meant: dict[str, str] = field(default_factory=dict)  # id or code in the document → in this run

    def type(self, typed: str, shown: str) -> None:
        """Type a command and hold its answer against the one that is shown, if any."""
        for file in Path.cwd().iterdir():  # the clock is not real, and a file from the future is a wrong clock
            os.utime(file, (self.keyboard.clock.now().timestamp(),) * 2)
        answer = self.keyboard(*shlex.split(TOKEN.sub(lambda token: self.meant[token[0]], typed))[1:])
        found = re.fullmatch(self.pattern(shown), answer) if shown else re.match("", answer)
        assert found, f"$ {typed}\n{answer}\nis not what is shown:\n{shown}"
        self.meant |= {name.removeprefix("_"): value for name, value in found.groupdict().items()}
        self.keyboard.clock.advance(timedelta(minutes=1))

    def pattern(self, shown: str) -> str:
        """Return the pattern of what is shown."""
        seen = set(self.meant)
        made, end = "", 0
        for token in TOKEN.finditer(shown):
            made += self._words(shown[end : token.start()])
            made += self._token(token[0], token[0] in seen)
            seen.add(token[0])
            end = token.end()
        return made + self._words(shown[end:])

    def _token(self, token: str, is_known: bool) -> str:
        if token in self.meant:
            return re.escape(self.meant[token])
        return f"(?P=_{token})" if is_known else rf"(?P<_{token}>\w+)"

    def _words(self, words: str) -> str:
        return re.escape(words).replace("…\\\n", "(?s:.*)").replace("…", ".*")


def test_the_officers_first_hour_goes_as_the_readme_shows_it(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (ROOT / "README.md").read_text()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAMPAIGN_PERSON", "zuzana")
    dialogue = Dialogue(Keyboard(tmp_path, clock))
    shown = "".join(re.findall(r"(?ms)^```console\n(.*?)^```", readme))

    for typed, answer in re.findall(r"(?m)^\$ (.+)\n((?:(?!\$ ).*\n)*)", shown):
        if typed.startswith("cd "):
            monkeypatch.chdir(typed.removeprefix("cd "))
            turn("not_own = true", "not_own = false", Path("config.toml"))  # as the text between asks for
        else:
            dialogue.type(typed, answer)

    assert "`not_own = false` under `[approval]`" in readme
    [post] = (tmp_path / "alliance" / "published" / "web").glob("*-first-story-*")
    assert {file.name for file in post.iterdir()} == {"post.txt", "post.json", "image-1.jpg", "image-1.alt.txt"}
    assert (post.parent / "feed.xml").exists()


def turn(old: str, new: str, file: Path) -> None:
    """Replace a text that must be there."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.fixture
def hand_in(tmp_path: Path, clock: VirtualClock) -> Iterator[Callable[..., Taken]]:
    """Hand a story in to a campaign that has the example config, with a photo beside it."""
    (tmp_path / "config.toml").write_text((ROOT / "config.example.toml").read_text())
    app = open_app(load(tmp_path / "config.toml", os.environ), clock=clock)
    app.db.upgrade()

    def take(name: str, **files: str) -> Taken:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "workshop.jpg").write_bytes(picture(size=(1600, 1200)))
        for language, text in files.items():
            (folder / ("story.md" if language == "story" else f"story.{language}.md")).write_text(text)
        [taken] = intake.take(app, [folder])
        return taken

    yield take
    app.db.close()


EXAMPLE, TRANSLATION = re.findall(r"(?ms)^```markdown\n(.*?)^```", STORY_MD)
BLOCKS = re.findall(r"(?ms)^```yaml\n(.*?)^```", STORY_MD)


def test_the_story_that_partners_are_to_copy_is_taken_in(hand_in: Callable[..., Taken]) -> None:
    taken = hand_in("battery-modules", story=EXAMPLE, cs=TRANSLATION)

    assert (taken.outcome, taken.region, taken.slug) == ("accepted", "moravia-silesia", "battery-modules")
    assert taken.notes == ()


def test_the_message_that_partners_are_shown_is_the_one_they_get(hand_in: Callable[..., Taken]) -> None:
    taken = hand_in("battery-modules", story=EXAMPLE.replace("    consent: yes\n", ""))

    [shown] = re.findall(r"(?ms)^```text\n(.*?)\n```", STORY_MD)
    assert "\n".join(map(str, taken.problems)) == shown


@pytest.mark.parametrize("block", BLOCKS, ids=[block.split("\n")[0] for block in BLOCKS])
def test_the_example_of_each_kind_is_taken_in(block: str, hand_in: Callable[..., Taken]) -> None:
    taken = hand_in("story", story=f"---\nregions: [portugal]\ntitle: One\nsummary: Two.\n{block}---\n")

    assert (taken.outcome, taken.problems) == ("accepted", ())


def test_partners_are_told_of_every_kind_and_every_key() -> None:
    config = load(ROOT / "config.example.toml", os.environ)
    keys = schema.story(config, str, MONDAY.date()).keys
    told = set(re.findall(r"(?m)^\| `(\w+)` \|", STORY_MD))

    assert told == keys.keys() - set(Kind)
    assert all(f"**{kind}**" in STORY_MD for kind in Kind)


def test_the_log_has_the_events_that_the_admin_is_told_of() -> None:
    source = "".join(path.read_text() for path in (ROOT / "campaign").rglob("*.py"))
    paragraph = re.search(r"Names of events stay.*?\n\n", (ROOT / "docs" / "admin.md").read_text(), re.DOTALL)
    assert paragraph is not None
    named = re.findall(r"`([a-z.-]+)`", paragraph[0])

    assert len(named) > 10
    assert [name for name in named if f'"{name}"' not in source] == []


def test_the_unit_starts_reloads_and_stops_the_daemon() -> None:
    unit = RawConfigParser(strict=True, delimiters=("=",), comment_prefixes=("#",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    unit.read(ROOT / "deploy" / "campaign.service")
    service = unit["Service"]
    program, *words = shlex.split(service["ExecStart"])

    assert unit.sections() == ["Unit", "Service", "Install"]
    assert Path(program).is_absolute()
    assert not misspelt(shlex.join(["campaign", *words]))
    assert "daemon" in words
    assert "-HUP $MAINPID" in service["ExecReload"]
    assert (service["Type"], service["KillSignal"], service["MemoryMax"]) == ("exec", "SIGTERM", "768M")
    assert service["RestartPreventExitStatus"] == str(int(Exit.USAGE))
    assert Path(words[words.index("--config") + 1]).is_relative_to(service["ReadWritePaths"])


def test_the_picture_of_the_readme_is_a_card_that_loads_quickly() -> None:
    picture_file = ROOT / "docs" / "card.jpg"

    assert picture_file.stat().st_size <= 120_000
    with Image.open(picture_file) as image:
        assert (image.format, image.size) == ("JPEG", cards.formats()["landscape"])

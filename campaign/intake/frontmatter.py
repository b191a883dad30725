"""A story file as it was written: text, front matter with lines, body. What the values mean is the schema's business.

YAML is only composed, never constructed: `no`, `2026-12-01`, `12:30` and `1_000` stay the text that was written.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

import yaml

from campaign.config.problems import Place, dotted
from campaign.errors import Problem

LARGEST = 256 * 1024  # bytes of one story file: more than a long feature article
DEEPEST = 8  # levels of brackets and indentation; a story needs four

# Zero-width characters and bidirectional overrides: they change how a text reads and nobody sees them.
INVISIBLE = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
MISPLACED_BLANK = re.compile("^(?: |- |-(?=[\t\xa0])|[\\w-]+:)*([\t\xa0])")
LONG_DASH = re.compile("^[-–—―]{1,3}$")
CURLY = re.compile("^[“”„‟«»‘’‚].*[“”«»‘’]$", re.DOTALL)


@dataclass
class Notes:
    """The mistakes found in one file."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int | None, place: Place, what: str, remedy: str = "") -> None:
        """Note a mistake at a place of the front matter; `what` and `remedy` are sentences."""
        parts = (self.file, f"line {line}" if line else "", dotted(place))
        self.problems.append(Problem(", ".join(part for part in parts if part), what, remedy))


@dataclass(frozen=True)
class Scalar:
    """A single value: text, whatever it looks like."""

    line: int
    text: str
    is_bare: bool = False  # written without quotes


@dataclass(frozen=True)
class Items:
    """A list."""

    line: int
    items: tuple[Entry, ...]


@dataclass(frozen=True)
class Fields:
    """A mapping; each entry's line is that of its key."""

    line: int
    fields: dict[str, Entry]


Entry = Scalar | Items | Fields


@dataclass(frozen=True)
class Written:
    """A whole story file."""

    text: str  # as compared: NFC, line feeds, nothing invisible
    front: Fields
    body: str


def read(data: bytes, notes: Notes) -> Written | None:
    """Return the file's front matter and body; None when it cannot be read, and `notes` say why."""
    text = decode(data, notes)
    parts = None if text is None else _split(text, notes)
    if text is None or parts is None:
        return None
    front = _Composer(parts[0], notes).compose()
    return Written(text, front, parts[1]) if front else None


def tidy(text: str) -> str:
    """Return a text composed (NFC) and without invisible characters."""
    return unicodedata.normalize("NFC", INVISIBLE.sub("", text))


def decode(data: bytes, notes: Notes) -> str | None:
    """Return the text of a UTF-8 file; None when it is none, and `notes` say what to do."""
    if len(data) > LARGEST:
        notes.add(None, (), f"the file is larger than {LARGEST // 1024} kB.", "A story file holds text only.")
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:400]:
        notes.add(None, (), "the file is saved as UTF-16.", 'Save it as plain text with the encoding "UTF-8".')
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        remedy = 'It looks like Windows-1250, as Word saves it. Save it as plain text with the encoding "UTF-8".'
        notes.add(line, (), "the file is not saved as UTF-8.", remedy)
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", " ").replace("\u2029", " ")
    controls = {text.count("\n", 0, found.start()) + 1: found[0] for found in CONTROL.finditer(text)}
    for line, sign in controls.items():
        notes.add(line, (), f"there is a control character here (U+{ord(sign):04X}).", "Type this line anew.")
    return None if controls else tidy(text)


def _split(text: str, notes: Notes) -> tuple[str, str] | None:
    """Return (front matter, body); the front matter keeps its line numbers by the blank line put for its `---`."""
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if lines[first].rstrip() != "---":
        if LONG_DASH.match(lines[first].strip()):
            notes.add(first + 1, (), "the three hyphens have become a dash.", "Write three hyphens: ---")
        else:
            remedy = "Put --- on the first line, then title: and the others, then --- again, then the body."
            notes.add(first + 1, (), "the file does not begin with ---.", remedy)
        return None
    for n in range(first + 1, len(lines)):
        if lines[n].rstrip() == "---":
            return "\n" * (first + 1) + "\n".join(lines[first + 1 : n]), "\n".join(lines[n + 1 :]).strip()
    notes.add(first + 1, (), "the front matter that begins here has no end.", "Put --- on a line after its last key.")
    return None


class _Composer:
    """Turns the YAML of a front matter into entries."""

    def __init__(self, text: str, notes: Notes) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.notes = notes

    def compose(self) -> Fields | None:
        """Return the front matter; None when it cannot be read as a whole."""
        if self._has_misplaced_blanks():
            return None
        try:
            root = yaml.compose(self.text, Loader=yaml.SafeLoader) if self._is_plain() else None
        except yaml.MarkedYAMLError as error:
            if not self.notes.problems:
                self._explain(error)
            return None
        if isinstance(root, yaml.MappingNode):
            return self._fields(root, 1, ())
        if not self.notes.problems:
            self.notes.add(1, (), "the front matter has no keys.", "Write lines such as title: and summary:.")
        return None

    def _has_misplaced_blanks(self) -> bool:
        """Note tabs and non-breaking spaces where YAML wants spaces."""
        found = False
        for n, line in enumerate(self.lines, start=1):
            if blank := MISPLACED_BLANK.match(line):
                name = "tab" if blank[1] == "\t" else "non-breaking space"
                self.notes.add(n, (), f"a {name} stands where a space belongs.", "Delete it and type spaces.")
                found = True
        return found

    def _is_plain(self) -> bool:
        """Whether there are no anchors, aliases, tags or towers of brackets; what there is is noted."""
        depth, plain = 0, True
        for event in yaml.parse(self.text, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            line = event.start_mark.line + 1 if event.start_mark else 1
            if depth > DEEPEST:
                self.notes.add(line, (), f"lists and blocks are nested more than {DEEPEST} deep.", "Remove brackets.")
                return False
            sign = _special_sign(event)
            if sign:
                self._cannot_begin(line, sign)
                plain = False
        return plain

    def _cannot_begin(self, line: int, sign: str) -> None:
        remedy = f'Put the value in straight quotes: "{sign}…".'
        self.notes.add(line, (), f"a value cannot begin with {sign} here.", remedy)

    def _explain(self, error: yaml.MarkedYAMLError) -> None:
        """Note a YAML error in words that help."""
        problem, context = error.problem or "", error.context or ""
        mark = error.problem_mark if error.problem_mark else error.context_mark
        if error.context_mark and context.startswith(("while scanning a simple key", "while scanning a quoted")):
            mark = error.context_mark
        line = mark.line + 1 if mark else 1
        sign = re.search(r"found character '(.)'", problem)
        if sign:
            self._cannot_begin(line, sign[1])
        elif context.startswith(("while scanning an alias", "while scanning an anchor")):
            self._cannot_begin(line, "*" if "alias" in context else "&")
        else:
            written = "".join(self.lines[line - 1 : line])
            self.notes.add(line, (), *_explanation(f"{context} {problem}", written))

    def _entry(self, node: yaml.Node, line: int, place: Place) -> Entry:
        if isinstance(node, yaml.MappingNode):
            return self._fields(node, line, place)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, line, place)
        items = (self._entry(item, item.start_mark.line + 1, (*place, n)) for n, item in enumerate(node.value))
        return Items(line, tuple(items))

    def _fields(self, node: yaml.MappingNode, line: int, place: Place) -> Fields:
        fields: dict[str, Entry] = {}
        for key_node, value in node.value:
            at = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.notes.add(at, place, "a key must be a word.", "Write key: value.")
            elif key_node.value in fields:
                self.notes.add(at, (*place, key_node.value), "this key stands here twice.", "Keep one of them.")
            else:
                fields[key_node.value] = self._entry(value, at, (*place, key_node.value))
        return Fields(line, fields)

    def _scalar(self, node: yaml.ScalarNode, line: int, place: Place) -> Scalar:
        value, is_bare = tidy(node.value), node.style is None
        rest = self.lines[node.end_mark.line][node.end_mark.column :].lstrip() if is_bare else ""
        if re.match(r"#\S", rest):
            remedy = "Put the whole value in straight quotes, or write a topic without its #."
            self.notes.add(line, place, f"what follows # is not read: {rest}", remedy)
        if is_bare and CURLY.match(value):
            remedy = 'Leave the quotes out, or write straight ones: "…".'
            self.notes.add(line, place, "the value stands in curly quotes.", remedy)
        if CONTROL.search(value):
            self.notes.add(line, place, "the value holds a control character.", "Type it anew.")
        return Scalar(line, value, is_bare)


def _special_sign(event: yaml.Event) -> str:
    """Return the sign that makes something special of a value, empty for plain ones."""
    if isinstance(event, yaml.AliasEvent):
        return "*"
    if not isinstance(event, yaml.NodeEvent):
        return ""
    return "&" if event.anchor else "!" if getattr(event, "tag", None) else ""


EXPLANATIONS = (  # (what the line holds, what YAML says of it, what is wrong, remedy); the first that fits
    ("[“”„]", "", "this line cannot be read, and it has curly quotes.", 'Write straight quotes: "…".'),
    (
        r"^\s*[\w-]+:[^:]*$",
        "mapping values are not allowed",
        "this key stands too far right, or the line before it is no key with its value.",
        "Begin each key at the same column, and write key: value on each line.",
    ),
    (
        "",
        "mapping values are not allowed",
        "a colon and a space stand inside a value.",
        'Put the whole value in straight quotes: title: "Skills: the next step".',
    ),
    ("", "quoted scalar", "a quote is opened here and not closed.", "Close it on the same line."),
    (
        "",
        "could not find expected ':'",
        "this line is no key with its value.",
        "Write key: value, with a colon and a space.",
    ),
    (
        "",
        "while parsing a flow",
        "a bracket is opened and not closed, or a comma is missing.",
        "Write lists as [one, two, three].",
    ),
    (
        "",
        "",
        "this line does not fit to the one before it.",
        "Give keys of one block the same number of spaces; write nothing after a closing quote.",
    ),
)


def _explanation(said: str, line: str) -> tuple[str, str]:
    """Return (what is wrong, remedy) for a YAML error."""
    fitting = ((what, remedy) for looks, says, what, remedy in EXPLANATIONS if re.search(looks, line) and says in said)
    return next(fitting)

"""Wrong stories: how the file is saved and laid out.

Each is a different mistake; each gives its own message, and the database stays as it was.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.app import App
from tests.handing import COURSE, Files, changed, hand_in, refusal

WRONG: dict[str, tuple[Files, str]] = {
    "utf-16": (
        {"story.md": COURSE.encode("utf-16")},
        'ostrava/story.md: the file is saved as UTF-16.\n  Save it as plain text with the encoding "UTF-8".',
    ),
    "windows-1250": (
        {"story.md": COURSE.replace("The longer", "Moravskoslezský kraj").encode("cp1250")},
        "ostrava/story.md, line 13: the file is not saved as UTF-8.\n"
        '  It looks like Windows-1250, as Word saves it. Save it as plain text with the encoding "UTF-8".',
    ),
    "control character": (
        {"story.md": changed("Battery", "Bat\u000btery")},
        "ostrava/story.md, line 4: there is a control character here (U+000B).\n  Type this line anew.",
    ),
    "larger than a text": (
        {"story.md": COURSE + "x" * 300_000},
        "ostrava/story.md: the file is larger than 256 kB.\n  A story file holds text only.",
    ),
    "no front matter": (
        {"story.md": "Battery skills modules\n"},
        "ostrava/story.md, line 1: the file does not begin with ---.\n"
        "  Put --- on the first line, then title: and the others, then --- again, then the body.",
    ),
    "hyphens made a dash": (
        {"story.md": "—" + COURSE[3:]},
        "ostrava/story.md, line 1: the three hyphens have become a dash.\n  Write three hyphens: ---",
    ),
    "front matter without end": (
        {"story.md": COURSE.replace("---\nThe", "The")},
        "ostrava/story.md, line 1: the front matter that begins here has no end.\n"
        "  Put --- on a line after its last key.",
    ),
    "empty front matter": (
        {"story.md": "---\n---\nBody"},
        "ostrava/story.md, line 1: the front matter has no keys.\n  Write lines such as title: and summary:.",
    ),
    "tab": (
        {"story.md": changed("    shows", "\tshows")},
        "ostrava/story.md, line 9: a tab stands where a space belongs.\n  Delete it and type spaces.",
    ),
    "non-breaking space": (
        {"story.md": changed("kind: ", "kind:\xa0")},
        "ostrava/story.md, line 3: a non-breaking space stands where a space belongs.\n  Delete it and type spaces.",
    ),
    "colon in a value": (
        {"story.md": changed("modules, open", "modules: open")},
        "ostrava/story.md, line 4: a colon and a space stand inside a value.\n"
        '  Put the whole value in straight quotes: title: "Skills: the next step".',
    ),
    "quote not closed": (
        {"story.md": changed("title: B", 'title: "B')},
        "ostrava/story.md, line 4: a quote is opened here and not closed.\n  Close it on the same line.",
    ),
    "curly quotes": (
        {"story.md": changed("Battery skills modules, open to every region", "“Battery skills modules”")},
        "ostrava/story.md, line 4, title: the value stands in curly quotes.\n"
        '  Leave the quotes out, or write straight ones: "…".',
    ),
    "curly quotes around a colon": (
        {"story.md": changed("Battery skills modules, open to every region", "“Skills: modules”")},
        'ostrava/story.md, line 4: this line cannot be read, and it has curly quotes.\n  Write straight quotes: "…".',
    ),
    "bracket not closed": (
        {"story.md": changed("[moravia-silesia]", "[moravia-silesia")},
        "ostrava/story.md, line 3: a bracket is opened and not closed, or a comma is missing.\n"
        "  Write lists as [one, two, three].",
    ),
    "line without a colon": (
        {"story.md": changed("kind: course", "kind course")},
        "ostrava/story.md, line 3: this line is no key with its value.\n  Write key: value, with a colon and a space.",
    ),
    "indentation": (
        {"story.md": changed("    shows", "   shows")},
        "ostrava/story.md, line 9: this line does not fit to the one before it.\n"
        "  Give keys of one block the same number of spaces; write nothing after a closing quote.",
    ),
    "at sign": (
        {"story.md": changed("kind: course", "kind: course\nmentions: @portugal")},
        'ostrava/story.md, line 4: a value cannot begin with @ here.\n  Put the value in straight quotes: "@…".',
    ),
    "anchor": (
        {"story.md": changed("title: Battery", "title: &Battery")},
        'ostrava/story.md, line 4: a value cannot begin with & here.\n  Put the value in straight quotes: "&…".',
    ),
    "alias": (
        {"story.md": changed("title: Battery", "title: *Battery")},
        'ostrava/story.md, line 4: a value cannot begin with * here.\n  Put the value in straight quotes: "*…".',
    ),
    "asterisk alone": (
        {"story.md": changed("title: Battery skills modules, open to every region", "title: *")},
        'ostrava/story.md, line 4: a value cannot begin with * here.\n  Put the value in straight quotes: "*…".',
    ),
    "list as a key": (
        {"story.md": changed("kind: course", "kind: course\n? [a]\n: b")},
        "ostrava/story.md, line 4: a key must be a word.\n  Write key: value.",
    ),
    "control character by its code": (
        {"story.md": changed("title: Battery skills modules, open to every region", 'title: "Battery\\a"')},
        "ostrava/story.md, line 4, title: the value holds a control character.\n  Type it anew.",
    ),
    "tag": (
        {"story.md": changed("title: Battery", "title: !Battery")},
        'ostrava/story.md, line 4: a value cannot begin with ! here.\n  Put the value in straight quotes: "!…".',
    ),
    "key twice": (
        {"story.md": changed("kind: course", "kind: course\nkind: update")},
        "ostrava/story.md, line 4, kind: this key stands here twice.\n  Keep one of them.",
    ),
    "nested brackets": (
        {"story.md": changed("kind: course", "kind: course\ntopics: [[[[[[[[[a]]]]]]]]]")},
        "ostrava/story.md, line 4: lists and blocks are nested more than 8 deep.\n  Remove brackets.",
    ),
    "hash sign swallows": (
        {"story.md": changed("kind: course", "kind: course\ntopics: #batteries")},
        "ostrava/story.md, line 4, topics: what follows # is not read: #batteries\n"
        "  Put the whole value in straight quotes, or write a topic without its #.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_story_is_refused_with_its_message(app: App, tmp_path: Path, name: str) -> None:
    files, message = WRONG[name]
    assert refusal(app, hand_in(tmp_path / "ostrava", files)) == message

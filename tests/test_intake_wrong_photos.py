"""Wrong stories: photos and translations.

Each is a different mistake; each gives its own message, and the database stays as it was.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.app import App
from tests.handing import PHOTO, Files, changed, hand_in, of_kind, refusal
from tests.making import picture

WRONG: dict[str, tuple[Files, str]] = {
    "photo not there": (
        {"story.md": changed("workshop.jpg", "workshp.jpg")},
        'ostrava/story.md, line 8, photos[1].file: "workshp.jpg" is not there.\n  Beside the story lie: workshop.jpg.',
    ),
    "photo in other case": (
        {"story.md": changed("workshop.jpg", "Workshop.JPG")},
        'ostrava/story.md, line 8, photos[1].file: "Workshop.JPG" is not there.\n'
        '  There is "workshop.jpg": write it the same way.',
    ),
    "photo outside": (
        {"story.md": changed("workshop.jpg", "../workshop.jpg")},
        'ostrava/story.md, line 8, photos[1].file: "../workshop.jpg" leads out of the story\'s folder.\n'
        "  Put the photo beside the story file.",
    ),
    "photo by its whole path": (
        {"story.md": changed("workshop.jpg", "/etc/passwd")},
        'ostrava/story.md, line 8, photos[1].file: "/etc/passwd" leads out of the story\'s folder.\n'
        "  Put the photo beside the story file.",
    ),
    "photo by a Windows path": (
        {"story.md": changed("workshop.jpg", "C:\\Photos\\workshop.jpg")},
        'ostrava/story.md, line 8, photos[1].file: "C:\\Photos\\workshop.jpg" is not a file\'s name.\n'
        "  Write it as photo.jpg or photos/photo.jpg.",
    ),
    "photo is a folder": (
        {"story.md": changed("workshop.jpg", "photos"), "photos/a.jpg": b""},
        'ostrava/story.md, line 8, photos[1].file: "photos" is not a file.\n  Name the photo itself.',
    ),
    "photo is a video": (
        {"story.md": changed("workshop.jpg", "workshop.mp4"), "workshop.mp4": b""},
        'ostrava/story.md, line 8, photos[1].file: "workshop.mp4" is a video.\n'
        "  Take it out and hand in a photo; videos come with a later version.",
    ),
    "photo not described": (
        {"story.md": changed("    shows: Trainees measure a battery cell\n", "")},
        "ostrava/story.md, line 8, photos[1].shows: this is missing.\n"
        "  Describe the photo for people who cannot see it, in one sentence.",
    ),
    "no consent named": (
        {"story.md": changed("    consent: yes\n", "")},
        "ostrava/story.md, line 8, photos[1].consent: this is missing.\n"
        "  Write consent: yes (the people in it agreed), no, or nobody-recognisable.",
    ),
    "no consent given": (
        {"story.md": changed("consent: yes", "consent: no")},
        'ostrava/story.md, line 10, photos[1].consent: "no" means that the photo cannot be used.\n'
        "  Take the photo out of the list, or ask for their consent.",
    ),
    "consent maybe": (
        {"story.md": changed("consent: yes", "consent: maybe")},
        'ostrava/story.md, line 10, photos[1].consent: "maybe" is no answer here.\n'
        "  Write yes (they agreed), no, or nobody-recognisable.",
    ),
    "consent ended": (
        {"story.md": changed("consent: yes", "consent: yes\n    consent_until: 2026-03-01")},
        'ostrava/story.md, line 11, photos[1].consent_until: "2026-03-01" is past: the photo may no longer be used.\n'
        "  Take it out, or ask for their consent.",
    ),
    "focus by words": (
        {"story.md": changed("consent: yes", "consent: yes\n    focus: left")},
        'ostrava/story.md, line 11, photos[1].focus: "left" is not a place in the photo.\n'
        "  Write two numbers from 0 to 1, from the left and from the top: 0.6 0.4 is right of the middle.",
    ),
    "photos no list": (
        {"story.md": changed("  - file: workshop.jpg", "    file: workshop.jpg")},
        "ostrava/story.md, line 7, photos: a list belongs here.\n"
        "  Write items that begin with a hyphen, such as: - file: workshop.jpg.",
    ),
    "photo cut off": (
        {"workshop.jpg": PHOTO[:3000]},
        "ostrava/workshop.jpg: the photo is damaged or was cut off on its way.\n"
        "  Send it again, or save it anew from the program it was made with.",
    ),
    "photo is text": (
        {"workshop.jpg": b"not a photo"},
        "ostrava/workshop.jpg: this is no photo that the program knows, or it is damaged.\n"
        "  Hand in a JPEG, PNG or HEIC photo.",
    ),
    "photo too small": (
        {"workshop.jpg": picture(size=(300, 200))},
        "ostrava/workshop.jpg: the photo is too small for a card: 300 × 200 pixels.\n"
        "  Send the original: its shorter side needs 432 pixels, better 1080.",
    ),
    "two mistakes in three files": (
        {
            "story.md": changed("    consent: yes\n", ""),
            "story.cs.md": "---\ntitel: Moduly\n---\n",
            "workshop.jpg": b"not a photo",
        },
        "ostrava/story.md, line 8, photos[1].consent: this is missing.\n"
        "  Write consent: yes (the people in it agreed), no, or nobody-recognisable.\n"
        'ostrava/story.cs.md, line 2: there is no key "titel" here.\n'
        '  Did you mean "title"?\n'
        "ostrava/workshop.jpg: this is no photo that the program knows, or it is damaged.\n"
        "  Hand in a JPEG, PNG or HEIC photo.",
    ),
    "translation in no language": (
        {"story.cz.md": "---\ntitle: Moduly\n---\n"},
        'ostrava/story.cz.md: the end of the file\'s name, "cz" is not a language.\n  Did you mean "cs"?',
    ),
    "translation in its own language": (
        {"story.en.md": "---\ntitle: Modules\n---\n"},
        'ostrava/story.en.md: "en" is the language of the story itself.\n  Name the file for its own language.',
    ),
    "translation of what stays": (
        {"story.cs.md": "---\nkind: course\n---\n"},
        "ostrava/story.cs.md, line 2, kind: this is not translated.\n"
        "  Remove it here: it stands in the story file, for every language.",
    ),
    "translated start": (
        {
            "story.md": of_kind("event", "event: {starts: 2026-05-02}"),
            "story.cs.md": "---\nevent: {starts: 2026-05-03}\n---\n",
        },
        "ostrava/story.cs.md, line 2, event.starts: this is not translated.\n"
        "  Remove it here: it stands in the story file, for every language.",
    ),
    "translated consent": (
        {"story.cs.md": "---\nphotos:\n  - {file: workshop.jpg, shows: Dílna, consent: yes}\n---\n"},
        "ostrava/story.cs.md, line 3, photos[1].consent: this is not translated.\n"
        "  Remove it here: it stands in the story file, for every language.",
    ),
    "translation of an unknown photo": (
        {"story.cs.md": "---\nphotos:\n  - {file: other.jpg, shows: Dílna}\n---\n"},
        'ostrava/story.cs.md, line 3, photos[1].file: "other.jpg" is not a photo of this story.\n'
        "  Known here: workshop.jpg.",
    ),
    "translation with other figures": (
        {
            "story.md": of_kind(
                "milestone",
                "milestone: {figures: [{label: Apprentices, value: 1 250, year: 2025, source: Statistics office}]}",
            ),
            "story.cs.md": "---\nmilestone: {figures: [{label: Učni}, {label: Mistři}]}\n---\n",
        },
        "ostrava/story.cs.md, line 2, milestone.figures: there are 2 figures here and 1 in the story file.\n"
        "  Give the same figures in the same order.",
    ),
    "translation with a block of another kind": (
        {"story.cs.md": "---\nquote: {text: Ahoj}\n---\n"},
        'ostrava/story.cs.md, line 2, quote: a story of kind "course" has no block "quote".\n'
        "  Remove it, or write kind: quote.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_story_is_refused_with_its_message(app: App, tmp_path: Path, name: str) -> None:
    files, message = WRONG[name]
    assert refusal(app, hand_in(tmp_path / "ostrava", files)) == message

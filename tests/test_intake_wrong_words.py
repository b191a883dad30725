"""Wrong stories: keys and single values.

Each is a different mistake; each gives its own message, and the database stays as it was.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.app import App
from tests.handing import COURSE, Files, changed, hand_in, refusal

WRONG: dict[str, tuple[Files, str]] = {
    "unknown key": (
        {"story.md": changed("summary:", "sumary:")},
        'ostrava/story.md, line 5: there is no key "sumary" here.\n'
        '  Did you mean "summary"?\n'
        "ostrava/story.md, line 1, summary: this is missing.\n"
        "  Say in one to three sentences what happened and for whom.",
    ),
    "unknown key in a block": (
        {"story.md": changed("provider:", "provder:")},
        'ostrava/story.md, line 11, course: there is no key "provder" here.\n'
        '  Did you mean "provider"?\n'
        "ostrava/story.md, line 11, course.provider: this is missing.\n"
        "  Say who gives the course, such as: provider: MSIC.",
    ),
    "unknown key in a photo": (
        {"story.md": changed("    consent: yes", "    consent: yes\n    size: large")},
        'ostrava/story.md, line 11, photos[1]: there is no key "size" here.\n'
        "  Known here: consent, consent_until, credit, file, focus, shows.",
    ),
    "no title": (
        {"story.md": changed("title: Battery skills modules, open to every region\n", "")},
        "ostrava/story.md, line 1, title: this is missing.\n  Write a headline of at most 120 characters.",
    ),
    "empty title": (
        {"story.md": changed("title: Battery skills modules, open to every region", "title:")},
        "ostrava/story.md, line 4, title: this is missing.\n  Write a headline of at most 120 characters.",
    ),
    "blank title": (
        {"story.md": changed("title: Battery skills modules, open to every region", 'title: " "')},
        "ostrava/story.md, line 4, title: the text is empty.",
    ),
    "long title": (
        {
            "story.md": changed(
                "open to every region",
                "open to every region of the whole of the European Union and all countries around it, now and then",
            )
        },
        'ostrava/story.md, line 4, title: "Battery skills modules, open t…" is 121 characters long.\n'
        "  At most 120 are possible.",
    ),
    "long summary": (
        {"story.md": changed("across Europe.", "across Europe." + " And on." * 80)},
        'ostrava/story.md, line 5, summary: "Training modules are being mad…" is 696 characters long.\n'
        "  At most 600 are possible.",
    ),
    "long body": (
        {"story.md": COURSE + "x" * 20_000},
        "ostrava/story.md: the text below the front matter has 20017 characters, 20000 are possible.\n"
        "  Shorten it, and link to the whole text.",
    ),
    "no regions": (
        {"story.md": changed("regions: [moravia-silesia]\n", "")},
        "ostrava/story.md, line 1, regions: this is missing.\n"
        "  Name the region, the leading one first, such as: regions: [moravia-silesia].",
    ),
    "empty regions": (
        {"story.md": changed("regions: [moravia-silesia]", "regions: []")},
        "ostrava/story.md, line 2, regions: this is missing.\n"
        "  Name the region, the leading one first, such as: regions: [moravia-silesia].",
    ),
    "regions no list": (
        {"story.md": changed("[moravia-silesia]", "moravia-silesia")},
        "ostrava/story.md, line 2, regions: a list belongs here.\n  Write [moravia-silesia].",
    ),
    "unknown region": (
        {"story.md": changed("[moravia-silesia]", "[moravia-silezia]")},
        'ostrava/story.md, line 2, regions[1]: "moravia-silezia" is not a region.\n  Did you mean "moravia-silesia"?',
    ),
    "region twice": (
        {"story.md": changed("[moravia-silesia]", "[moravia-silesia, moravia-silesia]")},
        'ostrava/story.md, line 2, regions[2]: "moravia-silesia" stands here twice.\n  Keep one of them.',
    ),
    "list for a value": (
        {"story.md": changed("kind: course", "kind: [course]")},
        "ostrava/story.md, line 3, kind: one value belongs here.\n  Write it after the colon, without brackets.",
    ),
    "value for a block": (
        {"story.md": changed("{provider: MSIC, languages: [cs, en]}", "MSIC")},
        "ostrava/story.md, line 11, course: keys with values belong here.\n"
        "  Write them on lines of their own below it, indented: provider: …",
    ),
    "unknown kind": (
        {"story.md": changed("kind: course", "kind: curse")},
        'ostrava/story.md, line 3, kind: "curse" is not possible here.\n  Did you mean "course"?',
    ),
    "no kind": (
        {"story.md": changed("kind: course\n", "")},
        "ostrava/story.md, line 1, kind: this is missing.\n"
        "  Write one of: practice, update, profile, quote, event, visit, course, milestone.",
    ),
    "unknown project": (
        {"story.md": changed("kind: course", "kind: course\nproject: treme")},
        'ostrava/story.md, line 4, project: "treme" is not a project.\n  Did you mean "trireme"?',
    ),
    "unknown channel": (
        {"story.md": changed("kind: course", "kind: course\nchannels: [twitter]")},
        'ostrava/story.md, line 4, channels[1]: "twitter" is not a channel.\n  Known here: kraj, news.',
    ),
    "unknown mention": (
        {"story.md": changed("kind: course", "kind: course\nmentions: [portugall]")},
        'ostrava/story.md, line 4, mentions[1]: "portugall" is not a region.\n  Did you mean "portugal"?',
    ),
    "country for a language": (
        {"story.md": changed("kind: course", "kind: course\nlanguage: cz")},
        'ostrava/story.md, line 4, language: "cz" is not a language.\n  Did you mean "cs"?',
    ),
    "course in no language": (
        {"story.md": changed("[cs, en]", "[czech]")},
        'ostrava/story.md, line 11, course.languages[1]: "czech" is not a language.\n'
        '  Write a language code: "en", "cs" or "pt-PT".',
    ),
    "link without https": (
        {"story.md": changed("https://example.org/modules", "www.example.org")},
        'ostrava/story.md, line 6, link: "www.example.org" is not the address of a page.\n'
        '  Write it whole: "https://example.org/page".',
    ),
    "link to a script": (
        {"story.md": changed("https://example.org/modules", "javascript:alert(1)")},
        'ostrava/story.md, line 6, link: "javascript:alert(1)" is not the address of a page.\n'
        '  Write it whole: "https://example.org/page".',
    ),
    "slug with capitals": (
        {"story.md": changed("kind: course", "kind: course\nslug: Battery Modules")},
        'ostrava/story.md, line 4, slug: "Battery Modules" is not a slug.\n'
        "  Write 2 to 60 small letters a-z, digits and hyphens: battery-modules.",
    ),
    "priority high": (
        {"story.md": changed("kind: course", "kind: course\npriority: high")},
        'ostrava/story.md, line 4, priority: "high" is not a priority.\n'
        "  Write a whole number from -9 to 9; 0 is usual.",
    ),
    "too many topics": (
        {"story.md": changed("kind: course", "kind: course\ntopics: [a, b, c, d, e, f, g, h, i, j, k]")},
        "ostrava/story.md, line 4, topics: the list has 11 entries, 10 are possible.\n  Keep those that matter most.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_story_is_refused_with_its_message(app: App, tmp_path: Path, name: str) -> None:
    files, message = WRONG[name]
    assert refusal(app, hand_in(tmp_path / "ostrava", files)) == message

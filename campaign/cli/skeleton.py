"""Story files to begin with: the skeleton of each kind, and the first example."""

from __future__ import annotations

BLOCKS = {
    "update": "",
    "practice": """
practice:
  challenge: What was the problem?
  approach: What was done, and by whom?
  results: What came of it?
  partners:
  transferability: What would another region need to do the same?
  contact:
""",
    "profile": """
profile:
  figures:
    - label: People employed in the automotive industry
      value: "0"
      unit: people
      year: 2025
      source: Who says so
  industries: []
  suppliers: []
  training: []
""",
    "quote": """
quote:
  text: The words themselves, without quotation marks.
  by:
  role:
  organisation:
""",
    "event": """
event:
  starts: 2030-01-31 09:00
  ends: 2030-01-31 16:00
  place: Town, venue
  online:
  host:
  register: https://example.org/register
  deadline:
""",
    "visit": """
visit:
  starts: 2030-01-31
  ends: 2030-02-01
  place: Town
  host:
  register: https://example.org/register
  deadline:
""",
    "course": """
course:
  provider: Who gives it
  languages: [en]
  duration: 12 h
  price: free
""",
    "milestone": """
milestone:
  figures:
    - label: What was reached
      value: "0"
      unit:
      year: 2025
      source: Who says so
""",
}
KINDS = tuple(BLOCKS)

HEAD = """---
# Lines that begin with # are remarks. A key without a value counts as not given.
regions: [{region}]        # the first one leads; others may follow: [{region}, another]
kind: {kind}
title: A headline, at most 120 characters
summary: One to three sentences. What happened, and for whom?
link: https://example.org/more
# photos:                  # take the # away, and put the file beside this one
#   - file: photo.jpg
#     shows: What the photo shows, for people who cannot see it
#     credit: Who took it
#     consent: yes         # yes (the people in it agreed), or nobody-recognisable
# project:                 # a key of [projects] in the config; brings the funder's statement
# topics: [batteries]
# embargo: 2030-01-01 09:00
# expires: 2030-12-31
"""

TAIL = """---
The longer text, for the platforms that have room.
"""

FIRST = """---
# An example. Change a few words, type `campaign add --replace stories/first-story`, and look at the proof again.
# When you have seen enough: campaign story withdraw first-story
regions: [{region}]
kind: update
title: "From one region to all of Europe: our stories begin"
summary: What works in one automotive region can work in another. From today we tell it, story by story.
link: https://example.org/first-story
photos:
  - file: {photo}
    shows: Hands in orange protective gloves measure the voltage of a battery cell on a workbench.
    credit: Illustration for this example
    consent: nobody-recognisable
topics: [upskilling]
---
Each region hands in what it is proud of: a good practice, a course, a study visit, figures on its industry.
"""


def skeleton(kind: str, region: str) -> str:
    """Return a story file to be filled in."""
    return HEAD.format(region=region, kind=kind) + BLOCKS[kind].lstrip("\n") + TAIL


def first_story(region: str, photo: str) -> str:
    """Return the example story that a new campaign begins with."""
    return FIRST.format(region=region, photo=photo)

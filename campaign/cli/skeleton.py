"""Story files to begin with: the skeleton of each kind, and the first example."""

from __future__ import annotations

BLOCKS = {
    "update": "",
    "practice": """
practice:                  # at least one of the first three
  challenge:               # what was the problem?
  approach:                # what was done, and by whom?
  results:                 # what came of it?
  partners:
  transferability:         # what would another region need to do the same?
  contact:
""",
    "profile": """
profile:
  figures:                 # as many as you have, each with its year and source
    - label:               # such as: People employed in the automotive industry
      value:               # such as: 57 000
      unit:
      year:
      source:
  industries: []
  suppliers: []
  training: []
""",
    "quote": """
quote:
  text:                    # the words themselves, without quotation marks; they are kept to the letter
  by:
  role:
  organisation:
""",
    "event": """
event:
  starts:                  # such as: 2030-01-31 09:00, in the region's time; or the day alone
  ends:
  place:
  online:
  host:
  register:                # an address, or words
  deadline:
""",
    "visit": """
visit:
  starts:                  # such as: 2030-01-31 09:00, in the region's time; or the day alone
  ends:
  place:
  host:
  register:                # an address, or words
  deadline:
""",
    "course": """
course:
  provider:                # who gives it
  languages: []            # such as: [cs, en]
  duration:                # such as: 12 h
  price:                   # such as: free
""",
    "milestone": """
milestone:
  figures:                 # as many as you have, each with its year and source
    - label:               # such as: People trained
      value:
      unit:
      year:
      source:
""",
}
KINDS = tuple(BLOCKS)

HEAD = """---
# Lines that begin with # are remarks. A key without a value counts as not given.
regions: [{region}]        # the first one leads; others may follow: [{region}, another]
kind: {kind}
title:                     # a headline, at most 120 characters
summary:                   # one to three sentences: what happened, and for whom?
link:                      # such as: https://example.org/more
# photos:                  # take the # away, and put the file beside this one
#   - file: photo.jpg
#     shows: What the photo shows, for people who cannot see it
#     credit: Who took it
#     consent: yes         # yes (the people in it agreed), or nobody-recognisable
project:                   # a key of [projects] in the config; brings the funder's statement
topics: []                 # such as: [batteries]
embargo:                   # not before, such as: 2030-01-01 09:00
expires:                   # not after
"""

TAIL = "---\n"

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
    """Return a story file to be filled in: right in form, and refused as long as what a story needs is missing."""
    return HEAD.format(region=region, kind=kind) + BLOCKS[kind].lstrip("\n") + TAIL


def first_story(region: str, photo: str) -> str:
    """Return the example story that a new campaign begins with."""
    return FIRST.format(region=region, photo=photo)

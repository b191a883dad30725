"""A thread says everything in order, cuts where one may cut, and every part of it fits and stands for itself."""

from __future__ import annotations

import re
from functools import partial

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from campaign.errors import RenderError
from campaign.fit import Block, InParts, count, fit, in_parts, spans
from tests.test_fit import BLOCKS, COUNTS, SENTENCES

LEAD = Block("first line", "News from Ostrava", goes=9)
TITLE = Block("title", "Modules for all", shorten=True)
LINK = Block("link", "Read more: https://example.org", last=True)
STATEMENT = Block("funder's statement", "Co-funded by the European Union")
TAGS = (Block("hashtags", "#One", goes=9), Block("hashtags", "#Two", goes=5, join="space"))
END = (LINK, STATEMENT, *TAGS)
FOUR = "First comes the cell, then the pack. Second comes the bench, then the car. Third comes the road. Then the rest."


def summary(text: str) -> Block:
    return Block("summary", text, goes=8, shorten=True)


def body(text: str) -> Block:
    return Block("longer text", text, goes=3, shorten=True)


def bare(part: str) -> str:
    """Return a part without its number."""
    return re.sub(r"\n\n\d+/\d+$", "", part)


def words(text: str) -> list[str]:
    return text.split()


def test_what_one_part_holds_is_no_thread() -> None:
    blocks = (TITLE, summary("All fits."), *END)
    assert in_parts(blocks, 200, len, 4) == InParts((fit(blocks, 200, len).text,))


def test_one_part_is_kept_while_only_other_things_than_prose_give_way() -> None:
    blocks = (TITLE, summary("All fits."), Block("partners", "Partners: " + "A" * 60, goes=2), *END)
    assert in_parts(blocks, 150, len, 4) == InParts(
        (fit(blocks, 150, len).text,),
        ("partners left out",),
    )


def test_a_channel_without_threads_has_its_prose_shortened() -> None:
    blocks = (TITLE, summary(FOUR), *END)
    single = fit(blocks, 180, len)
    assert in_parts(blocks, 180, len, 1) == InParts((single.text,), ("summary shortened", "some hashtags left out"))


def test_the_prose_goes_on_in_the_next_part_and_the_end_stands_in_the_last() -> None:
    assert in_parts(
        (LEAD, TITLE, summary(FOUR), body("Trainers in all regions may take it over."), *END), 150, len, 4
    ) == (
        InParts(
            (
                "News from Ostrava\n\nModules for all\n\nFirst comes the cell, then the pack. Second comes the bench, "
                "then the car. Third comes the road.\n\n1/2",
                "Then the rest.\n\nTrainers in all regions may take it over.\n\nRead more: https://example.org\n\n"
                "Co-funded by the European Union\n\n#One #Two\n\n2/2",
            )
        )
    )


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        (
            "One sentence of thirty letters. Two of it, yes.\n\nThree is here in this one.",
            ["Three is here in this one."],
        ),
        (
            "One sentence of forty-two letters is here. Two sentences, each as long as it is.",
            ["Two sentences, each as long as it is."],
        ),
        (
            "One says: “Erst the one that is. Then the other.” After that there is a second one.",
            ["After that there is a second one."],
        ),
        (
            "The heading\n\nA sentence of thirty letters.\n\nAnother sentence of thirty.",
            ["Another sentence of thirty."],
        ),
        (
            "This sentence is longer than any part could be, so it is cut behind a comma that it has somewhere",
            ["so it is cut behind a comma that it has somewhere"],
        ),
        (
            "This sentence is longer than any part could be and it has no commas at all that it could be cut behind",
            ["it has no commas at all that it could be cut behind"],
        ),
    ],
)
def test_parts_are_cut_at_paragraphs_else_at_sentences_else_between_words(text: str, cuts: list[str]) -> None:
    parts = in_parts((body(text),), 70, len, 9).texts
    assert [bare(part) for part in parts[1:]] == cuts


def test_lines_that_belong_together_stay_together_where_a_part_holds_them() -> None:
    when = Block("date", "When: Tuesday 9 June 2026, 10:00")
    where = Block("place", "Where: Trojhalí Karolina, Ostrava", join="line")
    until = Block("registration deadline", "Register by: Tuesday 2 June 2026", join="line")
    blocks = (TITLE, summary("Regions compare what they have learnt in their training."), when, where, until, LINK)
    assert (
        "When: Tuesday 9 June 2026, 10:00\nWhere: Trojhalí Karolina, Ostrava\nRegister by: Tuesday 2 June 2026"
        in (in_parts(blocks, 120, len, 4).texts[1])
    )
    assert [bare(part) for part in in_parts(blocks, 80, len, 6).texts[1:]] == [
        "When: Tuesday 9 June 2026, 10:00\nWhere: Trojhalí Karolina, Ostrava",
        "Register by: Tuesday 2 June 2026\n\nRead more: https://example.org",
    ]


def test_the_last_parts_are_balanced_and_none_is_nearly_empty() -> None:
    prose = (
        "Sentence one is exactly this long. Sentence two is exactly this long. Sentence three is about so long. End."
    )
    parts = in_parts((body(prose),), 100, len, 4).texts
    assert [bare(part) for part in parts] == [
        "Sentence one is exactly this long. Sentence two is exactly this long.",
        "Sentence three is about so long. End.",
    ]


def test_what_even_the_most_parts_cannot_hold_gives_way_by_whole_sentences_and_is_told() -> None:
    long = " ".join(f"Sentence {n} of the longer text is here." for n in range(1, 20))
    contact = Block("contact", "Contact: " + "B" * 60, goes=1)
    thread = in_parts((LEAD, TITLE, summary(FOUR), body(long), contact, *END), 150, len, 4)
    assert thread.cut == ("longer text shortened", "contact left out")
    assert len(thread.texts) == 4
    whole = "\n".join(bare(part) for part in thread.texts)
    assert FOUR.rsplit(". ", 1)[0] in whole.replace("\n", " ")
    assert "…" not in whole
    assert re.search(r"Sentence (\d+) of the longer text is here\.\n+Read more", whole)


def test_a_sentence_too_long_for_all_parts_is_shortened_at_a_word() -> None:
    thread = in_parts((TITLE, body("word " * 200 + "end."), *END), 150, len, 3)
    assert thread.cut == ("longer text shortened",)
    assert len(thread.texts) == 3
    assert sum(part.count("word") for part in thread.texts) > 50
    assert "word…" in "".join(thread.texts)


def test_a_paragraph_is_not_ended_after_a_few_words() -> None:
    first = "A paragraph with enough words to be worth its place."
    second = (
        "The rules are simple. Nobody may talk for longer than five minutes, and nobody shows slides to the others."
    )
    thread = in_parts((body(f"{first}\n\n{second}"), *END), 110, len, 2)
    assert thread.cut == ("longer text shortened",)
    assert bare(thread.texts[0]) == first


def test_where_the_end_is_too_long_for_a_part_what_may_go_of_it_goes() -> None:
    tags = [
        Block("hashtags", f"#{letter * 20}", goes=5, join="line" if letter == "A" else "space") for letter in "ABCDE"
    ]
    thread = in_parts((TITLE, summary(FOUR), LINK, STATEMENT, *tags), 150, len, 4)
    assert thread.cut == ("some hashtags left out",)
    assert len(thread.texts) > 1
    assert thread.texts[-1].startswith("Read more: https://example.org\n\nCo-funded by the European Union\n#AAAA")


def test_an_end_that_no_part_holds_leaves_one_post() -> None:
    disclaimer = Block("funder's disclaimer", "Views and opinions " * 5)
    blocks = (TITLE, summary(FOUR * 2), LINK, STATEMENT, disclaimer)
    taken = count(f"{TITLE.text}\n\n{LINK.text}\n\n{STATEMENT.text}\n\n{disclaimer.text}", "characters")
    within = in_parts(blocks, taken + 60, len, 4)
    assert len(within.texts) > 1
    with pytest.raises(RenderError, match=r"what must stay \(title, link, funder's statement, funder's disclaimer\)"):
        in_parts(blocks, 120, len, 4)


def test_what_one_part_cannot_hold_though_it_must_stay_may_stand_in_several() -> None:
    date = Block("date", "When: " + "D" * 60)
    place = Block("place", "Where: " + "P" * 60)
    with pytest.raises(RenderError):
        fit((TITLE, date, place, *END), 120, len)
    assert in_parts((TITLE, date, place, *END), 120, len, 3).cut == ()


PROSE = st.builds(
    Block,
    st.sampled_from(["summary", "longer text"]),
    st.lists(
        st.builds("{} {}.".format, st.sampled_from(["Region", "Škoda", "Α", "Ж", "„Ja"]), SENTENCES), max_size=8
    ).map(" ".join),
    goes=st.integers(1, 9),
    shorten=st.just(True),
    join=st.sampled_from(["space", "line", "paragraph"]),
)
STORIES = st.tuples(st.lists(PROSE, min_size=1, max_size=3), BLOCKS, BLOCKS).map(
    lambda told: [*told[1][:3], *told[0], Block("link", "More: https://example.org/here", last=True), *told[2][:3]]
)


@given(STORIES, st.integers(60, 500), COUNTS, st.integers(1, 10))
def test_a_thread_fits_keeps_its_order_and_cuts_nothing_that_must_stay_whole(blocks, limit, length, most) -> None:  # type: ignore[no-untyped-def]
    try:
        thread = in_parts(blocks, limit, length, most)
    except RenderError:
        with pytest.raises(RenderError):
            fit(blocks, limit, length)
        return
    assert thread == in_parts(blocks, limit, length, most)
    assert 1 <= len(thread.texts) <= most
    assert all(length(part) <= limit for part in thread.texts)
    if len(thread.texts) == 1:
        assert thread == InParts((fit(blocks, limit, length).text,), fit(blocks, limit, length).cut)
        return
    numbers = [part.rpartition("\n\n")[2] for part in thread.texts]
    assert numbers == [f"{n}/{len(numbers)}" for n in range(1, len(numbers) + 1)]
    assert all(bare(part).strip() for part in thread.texts)
    assert sum("https://example.org/here" in part for part in thread.texts) == 1
    assert "More: https://example.org/here" in thread.texts[-1]
    whole = {(span.kind, block.text[span.start : span.end]) for block in blocks for span in spans(block.text)}
    parts = {(span.kind, part[span.start : span.end]) for part in thread.texts for span in spans(part)}
    assert parts <= whole
    stays = [block for block in blocks if not block.is_prose and not block.shorten and block.goes == 0]
    assert all(any(block.text in part for part in thread.texts) for block in stays)


@given(STORIES, st.integers(150, 500), COUNTS)
def test_a_thread_that_holds_everything_says_everything_in_order(blocks, limit, length) -> None:  # type: ignore[no-untyped-def]
    try:
        thread = in_parts(blocks, limit, length, 10)
    except RenderError:
        assume(False)
    assume(not thread.cut)
    assert words(" ".join(map(bare, thread.texts))) == words(fit(blocks, 10**6, partial(count, unit="characters")).text)

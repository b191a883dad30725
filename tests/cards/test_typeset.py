import pytest

from campaign.cards import typeset
from campaign.cards.typeset import clean, fit, quotes, unquoted, without_emoji


class Even:
    """A font in which every sign is half as wide as the size, accents are high and descenders low."""

    cap = 0.7

    def width(self, text: str) -> float:
        return 0.5 * len(text)

    def ink(self, text: str) -> tuple[float, float, float, float]:
        above = 1.0 if any(sign in "ŮŽ" for sign in text) else 0.7
        return (0.0, above, 0.5 * len(text), 0.25 if any(sign in "gjpqy" for sign in text) else 0.0)


def lines(text: str, *, width: float = 400, height: float = 1000, sizes=(20.0, 20.0), most: int = 9, **more):
    return fit(text, Even(), width=width, height=height, sizes=sizes, max_lines=most, **more).lines


@pytest.mark.parametrize(
    ("language", "text", "glued"),
    [
        ("cs", "Žáci v Ostravě a v Brně", "Žáci v_Ostravě a_v_Brně"),
        ("pl", "Szkoła w Łodzi i w Gdyni", "Szkoła w_Łodzi i_w_Gdyni"),
        ("bg", "Училище в Русе и в София", "Училище в_Русе и_в_София"),
        ("en", "A region on a map", "A region on a map"),
        ("en", "12 480 people, 30 % more, 5 km", "12_480 people, 30_% more, 5_km"),
        ("en", "one – two", "one_– two"),
        ("fr", "Pourquoi ? « Parce que »", "Pourquoi_? «_Parce que_»"),
        ("en", "  many \n spaces ", "many spaces"),
        ("cs", "pr\u030cehled", "p\u0159ehled"),
    ],
)
def test_what_belongs_together_is_glued(language, text, glued):
    assert clean(text, language).replace(typeset.NBSP, "_") == glued


@pytest.mark.parametrize(
    ("language", "marks"), [("cs", "„“"), ("pl", "„”"), ("en", "“”"), ("es-ES", "«»"), ("sv", "””"), ("xx", "“”")]
)
def test_each_language_has_its_quotation_marks(language, marks):
    assert "".join(quotes(language)) == marks


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ('"We train."', "We train."),
        ("„Učíme.“", "Učíme."),
        ("“One” and “two”", "“One” and “two”"),
        ("We don't stop.", "We don't stop."),
        ("“It's ours.”", "It's ours."),
        ('"', '"'),
    ],
)
def test_marks_around_a_whole_quotation_are_taken_away(text, bare):
    assert unquoted(text) == bare


@pytest.mark.parametrize(
    ("text", "kept", "dropped"),
    [
        ("Ready 🚗⚡ go", "Ready go", ("🚗", "⚡")),
        ("Team 👩🏽‍🔧!", "Team !", ("👩🏽‍🔧",)),
        ("From 🇨🇿 with 1️⃣", "From with", ("🇨🇿", "1️⃣")),
        ("© ASA ™", "© ASA ™", ()),
        ("Room 12", "Room 12", ()),
    ],
)
def test_pictographs_go_and_signs_of_the_font_stay(text, kept, dropped):
    assert without_emoji(text, {ord("©"), ord("™")}) == (kept, dropped)


def test_lines_are_even_and_break_after_punctuation():
    assert lines("Aveiro: how the dunes came back", width=200) == ("Aveiro: how the", "dunes came back")
    assert lines("as the dunes: how they came back", width=190) == ("as the dunes:", "how they came back")
    assert lines("one two three four five six", width=170) == ("one two three", "four five six")


def test_the_last_line_is_never_one_short_word():
    assert lines("alpha beta gamma delta epsilon zeta of", width=200)[-1] != "of"


def test_a_text_is_as_large_as_its_box_allows():
    roomy = fit("Skills", Even(), width=400, height=100, sizes=(20.0, 60.0), max_lines=1)
    narrow = fit("Skills", Even(), width=90, height=100, sizes=(20.0, 60.0), max_lines=1)
    low = fit("Skills", Even(), width=400, height=21, sizes=(20.0, 60.0), max_lines=1)

    assert (roomy.size, narrow.size, low.size) == (60, 30, 30)
    assert narrow.width == 90
    assert low.height == pytest.approx(21)


def test_a_line_more_is_only_taken_for_a_clearly_larger_text():
    close = fit("aaaa bbbb", Even(), width=200, height=900, sizes=(20.0, 50.0), max_lines=3)
    far = fit("aaaa bbbb cccc", Even(), width=160, height=900, sizes=(20.0, 60.0), max_lines=3)

    assert close.lines == ("aaaa bbbb",)
    assert (close.size, close.cut) == (44, False)
    assert far.lines == ("aaaa", "bbbb", "cccc")


def test_what_is_too_long_is_cut_at_a_word_and_says_so():
    fitted = fit("one two, three four", Even(), width=100, height=900, sizes=(20.0, 30.0), max_lines=1)

    assert fitted.lines == ("one two…",)
    assert fitted.cut


def test_a_cut_quotation_keeps_its_closing_mark():
    fitted = fit("“one two three four”", Even(), width=110, height=900, sizes=(20.0, 20.0), max_lines=1)

    assert fitted.lines == ("“one two…”",)


def test_a_height_for_two_lines_holds_no_third():
    assert len(lines("one two three four five six", width=80, height=36.5)) == 2


def test_a_word_longer_than_a_line_is_broken_by_syllables():
    broken = lines("Qualifizierungsoffensive", width=150, language="de")

    assert "".join(part.removesuffix("-") for part in broken) == "Qualifizierungsoffensive"
    assert len(broken) == 2
    assert broken[0].endswith("-")
    assert lines("aaaaaaaaaaaaaaaaaaaa", width=100, language="xx") == ("aaaaaaaaa-", "aaaaaaaaa-", "aa")


def test_a_long_word_is_broken_only_where_the_text_becomes_much_larger_by_it():
    def set_in(width: float) -> typeset.Fitted:
        return fit(
            "Qualifizierungsoffensive", Even(), width=width, height=900, sizes=(10, 40), max_lines=4, language="de"
        )

    narrow, wide = set_in(240), set_in(400)

    assert (narrow.size, len(narrow.lines)) == (pytest.approx(34, abs=2), 2)
    assert all(len(line.removesuffix("-")) >= 4 for line in narrow.lines)
    assert [line[-1] for line in narrow.lines] == ["-", "e"]
    assert wide.lines == ("Qualifizierungsoffensive",)


def test_parts_of_a_word_that_stand_in_one_line_have_no_hyphen():
    shown = fit(
        "Die Qualifizierungsoffensive ist da", Even(), width=240, height=900, sizes=(10, 40), max_lines=4, language="de"
    )

    assert (
        "".join(line.removesuffix("-") for line in shown.lines).replace(" ", "") == "DieQualifizierungsoffensiveistda"
    )
    assert not any("-" in line[:-1] for line in shown.lines)


def test_a_text_gives_a_little_of_its_size_to_be_rid_of_a_widow():
    text, room = "aaaaaaaaa bbbbbbbbb ab", {"height": 900, "max_lines": 2, "sizes": (20.0, 40.0)}
    fitted = fit(text, Even(), width=190, **room)

    assert fitted.lines == ("aaaaaaaaa", "bbbbbbbbb ab")


def test_a_word_with_a_hyphen_is_not_torn_where_a_little_smaller_it_need_not_be() -> None:
    text = f"{'a' * 29} quinta-feira {'b' * 28}"

    assert lines(text, sizes=(20.0, 20.0)) == (f"{'a' * 29} quinta-", f"feira {'b' * 28}")
    assert lines(text, sizes=(16.0, 20.0)) == ("a" * 29, f"quinta-feira {'b' * 28}")


def test_a_cut_leaves_no_half_of_a_word():
    fitted = fit("one Castilla-Portugal", Even(), width=130, height=900, sizes=(20.0, 20.0), max_lines=1)

    assert fitted.lines == ("one…",)


def test_a_box_narrower_than_one_sign_still_ends():
    assert lines("WW", width=5, language="xx") == ("W…",)


def test_a_compound_may_break_after_its_hyphen():
    assert lines("Castilla-Portugal", width=90) == ("Castilla-", "Portugal")


def test_lines_open_where_accents_would_touch_descenders():
    plain = fit("aaa bbb", Even(), width=40, height=900, sizes=(20.0, 20.0), max_lines=2)
    touching = fit("ggg ŽŽŽ", Even(), width=40, height=900, sizes=(20.0, 20.0), max_lines=2)

    assert plain.leading == 1.1
    assert touching.leading == pytest.approx(1.29)
    assert touching.height == pytest.approx((0.7 + 1.29) * 20)

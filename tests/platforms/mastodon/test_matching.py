"""Our own status among others, as the servers show it. The HTML is theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from campaign.errors import Unsupported
from campaign.platforms.mastodon.matching import id_of, is_ours, plain, resembles, same, says
from tests.platforms.mastodon.scripted import LINK, TEXT, item, status

PLAIN = "Ahoj @atec@social.pt & <vy>!\n\nŘádek dvě\nřádek tři https://example.org/a/path?a=1&b=2 #OpenData 🔋"
SHOWN = {
    "Mastodon": (
        '<p>Ahoj <span class="h-card" translate="no"><a href="https://social.pt/@atec" class="u-url mention">@'
        "<span>atec</span></a></span> &amp; &lt;vy&gt;!</p><p>Řádek dvě<br>řádek tři "
        '<a href="https://example.org/a/path?a=1&amp;b=2" target="_blank" rel="nofollow noopener" translate="no">'
        '<span class="invisible">https://</span><span class="ellipsis">example.org/a/path</span>'
        '<span class="invisible">?a=1&amp;b=2</span></a> <a href="https://social.example/tags/OpenData" class="mention '
        'hashtag" rel="tag">#<span>OpenData</span></a> 🔋</p>'
    ),
    "GoToSocial": (
        '<p>Ahoj <span class="h-card"><a href="https://social.pt/@atec" class="u-url mention" rel="nofollow noreferrer '
        'noopener" target="_blank">@<span>atec</span></a></span> &amp; &lt;vy&gt;!<br><br>Řádek dvě<br>řádek tři '
        '<a href="https://example.org/a/path?a=1&amp;b=2" rel="nofollow noreferrer noopener" target="_blank">'
        'https://example.org/a/path?a=1&amp;b=2</a> <a href="https://gts.example/tags/opendata" class="mention '
        'hashtag" rel="tag nofollow noreferrer noopener" target="_blank">#<span>OpenData</span></a> 🔋</p>'
    ),
    "Pleroma": (
        'Ahoj <span class="h-card"><a class="u-url mention" data-user="AB1" href="https://social.pt/@atec" rel="ugc">@'
        "<span>atec</span></a></span> &amp; &lt;vy&gt;!<br/><br/>Řádek dvě<br/>řádek tři "
        '<a href="https://example.org/a/path?a=1&amp;b=2" rel="ugc">https://example.org/a/path?a=1&amp;'
        'b=2</a> <a class="hashtag" data-tag="opendata" href="https://pl.example/tag/opendata" rel="tag ugc">#OpenData'
        "</a> 🔋"
    ),
    "Pixelfed": (
        'Ahoj <a class="u-url mention" href="https://social.pt/@atec" rel="external nofollow noopener" target="_blank">'
        "@atec@social.pt</a> &amp; &lt;vy&gt;!<br />\n<br />\nŘádek dvě<br />\nřádek tři "
        '<a href="https://example.org/a/path?a=1&amp;b=2" rel="external nofollow noopener" target="_blank">'
        'https://example.org/a/path?a=1&amp;b=2</a> <a href="https://px.example/discover/tags/OpenData?src=hash" '
        'title="#OpenData" class="u-url hashtag" rel="external nofollow noopener">#OpenData</a> 🔋'
    ),
    "Takahe": (
        "<p>Ahoj @atec@social.pt &amp; &lt;vy&gt;!</p><p>Řádek dvě<br>řádek tři "
        '<a href="https://example.org/a/path?a=1&amp;b=2" rel="nofollow"><span class="invisible">https://</span>'
        '<span class="ellipsis">example.org/a/</span><span class="invisible">path?a=1&amp;b=2</span></a> '
        '<a href="https://tk.example/tags/opendata/" class="mention hashtag" rel="tag">#OpenData</a> 🔋</p>'
    ),
    "mastodon_mock": (
        "<p>Ahoj @atec@social.pt &amp; &lt;vy&gt;!</p><p>Řádek dvě<br />řádek tři "
        '<a href="https://example.org/a/path?a=1&amp;b=2" rel="nofollow noopener" target="_blank">'
        "https://example.org/a/path?a=1&amp;b=2</a> #OpenData 🔋</p>"
    ),
}


@pytest.mark.parametrize("server", SHOWN)
class TestAsAServerShowsIt:
    def test_the_text_is_known_again(self, server: str) -> None:
        assert same(plain(SHOWN[server]), PLAIN)
        assert is_ours(status(content=SHOWN[server]), item(text=PLAIN), ())

    def test_a_text_with_one_other_letter_is_not(self, server: str) -> None:
        assert not is_ours(status(content=SHOWN[server].replace("dvě", "dve")), item(text=PLAIN), ())
        assert not is_ours(status(content=SHOWN[server]), item(text=PLAIN.replace("b=2", "b=3")), ())


MARKED = f'<p>Wholly other words <a href="{LINK.replace("&", "&amp;")}">…</a></p>'
CASES: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("nothing in common", {"content": "<p>Good morning</p>"}, {}, False),
    ("no content at all", {"content": None}, {}, False),
    ("a picture of ours", {"media_attachments": [{"id": 11}, {"id": "12"}]}, {}, True),
    ("a picture that is not ours", {"media_attachments": [{"id": "99"}]}, {}, False),
    ("no pictures told", {"media_attachments": None}, {}, False),
    ("the marker, escaped", {"content": MARKED}, {}, True),
    ("the marker, raw", {"content": MARKED.replace("&amp;", "&")}, {}, True),
    ("the marker of another post", {"content": MARKED.replace("0a1b2c3d", "0a1b2c3e")}, {}, False),
    ("a longer marker that begins alike", {"content": MARKED.replace("0a1b2c3d", "0a1b2c3d4")}, {}, False),
    ("the marker, which this part lacks", {"content": MARKED}, {"text": "Part one (1/2)"}, False),
    ("the marker in an answer", {"content": MARKED, "in_reply_to_id": "55"}, {}, False),
    ("our picture in an answer", {"media_attachments": [{"id": "11"}], "in_reply_to_id": "55"}, {}, False),
    ("the marker in the answer we look for", {"content": MARKED, "in_reply_to_id": "55"}, {"reply_to": "55"}, True),
    ("the parent told as a number", {"content": MARKED, "in_reply_to_id": 55}, {"reply_to": "55"}, True),
    ("an answer to another", {"content": MARKED, "in_reply_to_id": "56"}, {"reply_to": "55"}, False),
    ("no answer, where one is looked for", {"content": MARKED}, {"reply_to": "55"}, False),
    ("the text, decomposed", {"content": "<p>e\u0301te\u0301</p>"}, {"text": "été"}, True),
    ("the text, otherwise broken", {"content": "<p>one</p>\n<p>two  three</p>"}, {"text": "one\ntwo three "}, True),
    ("words that only stand together", {"content": "<p>one</p><p>two</p>"}, {"text": "onetwo"}, False),
    ("an e-mail address is no mention", {"content": "<p>pr@asa</p>"}, {"text": "pr@asa@x.org"}, False),
]


@pytest.mark.parametrize(("shown", "sought", "ours"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_makes_a_status_ours(shown: dict[str, Any], sought: dict[str, Any], ours: bool) -> None:
    assert is_ours(status(**shown), item(**sought), ("11", "12")) is ours


LONG = " ".join(f"Region {n} trains people to measure, to repair and to recycle batteries." for n in range(40))


@pytest.mark.parametrize(
    ("shown", "sought", "alike"),
    [
        (TEXT.replace("🔋", "[battery]"), TEXT, True),
        (TEXT[: len(TEXT) * 3 // 4], TEXT, True),
        (LONG.replace("Region 7", "Region seven"), LONG, True),
        ("Good morning from Porto!", TEXT, False),
        (TEXT, LONG, False),
        ("", TEXT, False),
    ],
)
def test_a_text_that_its_server_has_changed_is_like_ours(shown: str, sought: str, alike: bool) -> None:
    assert resembles(status(content=shown), item(text=sought)) is alike


def test_the_mark_in_a_link_counts_unless_a_restore_may_have_lost_it() -> None:
    mine = item(text="See https://e.org/?a=1&utm_content=22222222 now")
    anothers = "See https://e.org/?a=1&utm_content=11111111 now"

    assert not says(anothers, mine)
    assert says(anothers, replace(mine, marked=False))
    assert not says(anothers.replace("a=1", "a=2"), replace(mine, marked=False))


@pytest.mark.parametrize(
    ("address", "id"),
    [
        ("103", "103"),
        ("https://social.example/@asa/103", "103"),
        ("https://Social.example/@asa/103/?a=b#c", "103"),
        ("https://social.example/users/asa/statuses/103", "103"),
        ("https://social.example/web/statuses/103", "103"),
        ("https://social.example/deck/@asa/103", "103"),
        ("https://social.example/@asa/statuses/01HZX5", "01HZX5"),
        ("https://social.example/notice/AbC-d_9", "AbC-d_9"),
        ("https://social.example/notes/9x", "9x"),
        ("https://social.example/p/asa/103", "103"),
    ],
)
def test_the_id_of_a_status_is_read_from_its_address(address: str, id: str) -> None:
    assert id_of(address, "https://social.example") == id


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example/@asa/103",  # each server has its own id for it
        "https://other.example/@asa@social.example/103",
        "https://social.example/@atec@social.pt/103",  # not ours
        "https://social.example/objects/0a1b",
        "https://social.example/@asa",
        "https://social.example/@asa/103/embed",
        "https://[social.example",
    ],
)
def test_an_address_that_does_not_tell_the_id_is_for_a_person(address: str) -> None:
    with pytest.raises(Unsupported, match="does not tell by which id"):
        id_of(address, "https://social.example")

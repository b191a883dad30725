"""Looking for a post in the account's timeline, as X shows it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaign.errors import NotSent
from campaign.platforms.base import Absent, CannotTell, Found
from campaign.platforms.x.adapter import PAGE, PAGES, X
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.mastodon.scripted import Kept, Said, Scripted, error_of
from tests.platforms.x.scripted import INVALID, KEYS, LINK, LIVE, OWN, TEXT, adapter, item, page, shown

TIMELINE = f"GET /2/users/{OWN}/tweets"
AS_SHOWN = "Battery skills modules, open to every region.\n\nBarátům škol &amp; firem &lt;3 🔋\n{0} #MoraviaSilesia {1}"
PHOTO = f"https://x.com/asa/status/{LIVE}/photo/1"
HERE = Found(LIVE, permalink=f"https://x.com/i/web/status/{LIVE}")
BARE = replace(item(), post="", text="Plain words & more: example.org/a.")


def look(x: X, sent: Any = None, since: Any = MONDAY) -> Any:
    return x.find(sent or item(), Kept().open(), since)


def test_the_timeline_is_asked_for_what_was_made_since(server: Scripted, clock: VirtualClock) -> None:
    server.says(TIMELINE, page())

    assert look(adapter(server, clock)) == Absent(honours_key=False)
    assert server.calls == [TIMELINE]
    assert dict(server.one(TIMELINE).query) == {
        "max_results": "100",
        "start_time": "2026-03-02T07:59:00Z",
        "exclude": "retweets",
        "tweet.fields": "created_at,entities,referenced_tweets,note_tweet",
    }


def test_a_host_of_the_new_words_is_asked_in_them(server: Scripted, clock: VirtualClock) -> None:
    server.says(TIMELINE, page(shown(text="Two", referenced_posts=[{"type": "replied_to", "id": "102"}])))
    reply = replace(item(), text="Two", reply_to="102")

    assert look(adapter(server, clock, fields="post"), reply) == HERE
    query = dict(server.one(TIMELINE).query)
    assert query["post.fields"] == "created_at,entities,note_post"
    assert query["expansions"] == "referenced_posts"


NOT_KNOWN = {**INVALID, "errors": [{"message": "The query parameter [tweet.fields] is not one of [post.fields]"}]}


def test_auto_turns_to_the_other_word_and_keeps_to_it(server: Scripted, clock: VirtualClock) -> None:
    server.says(TIMELINE, Said(NOT_KNOWN, 400), Said(page(shown(text=AS_SHOWN, links=(LINK, PHOTO)))))
    x = adapter(server, clock)

    assert look(x) == HERE
    assert look(x) == HERE
    asked = [[name for name, _ in each.query if name.endswith(".fields")] for each in server.sent]
    assert asked == [["tweet.fields"], ["post.fields"], ["post.fields"]]


def test_a_word_that_is_set_is_not_exchanged(server: Scripted, clock: VirtualClock) -> None:
    server.says(TIMELINE, NOT_KNOWN, status=400)

    assert isinstance(error_of(lambda: look(adapter(server, clock, fields="tweet"))), NotSent)
    assert server.calls == [TIMELINE]


@pytest.mark.parametrize(
    ("post", "sent"),
    [
        (shown(text=AS_SHOWN, links=(LINK, PHOTO)), item()),
        (shown(text="Mended by hand: {0}", links=(LINK,)), item()),  # the marked link is enough
        (shown(text="Of before: {0}", links=(LINK,)), replace(item(), marked=False)),  # also if the rest was lost
        (shown(text="Plain words &amp; more: {0}.", links=("http://example.org/a",)), BARE),
        (
            shown(text="Více: {0}", links=("https://example.org/%C5%99emeslo?a=%C3%A1",)),
            replace(item(), text="Více: https://example.org/řemeslo?a=á"),
        ),
        (
            shown(text="Více: {0}", links=("https://example.org/řemeslo",)),
            replace(item(), text="Více: https://example.org/%C5%99emeslo"),
        ),
        (shown(text="Plain words &amp; more: {0}.", links=("https://example.org/a/",)), BARE),
        (shown(text="&amp;lt; is a sign"), replace(BARE, text="&lt; is a sign")),
        (shown(text="See {0}", links=("https://example.org/?a=1&copy=2",)), replace(BARE, text="See https://example.org/?a=1&copy=2")),
        (shown(text=unicodedata.normalize("NFD", "Škoda")), replace(BARE, text="Škoda")),
        (shown(text="Two", parent="102"), replace(item(), text="Two", reply_to="102")),
        (shown(text="Two", parent="102"), replace(item(), text="Two", reply_to="https://x.com/asa/status/102")),
        (
            shown(text=AS_SHOWN, links=(LINK.replace("0a1b2c3d", "ffffffff"), PHOTO)),
            replace(item(), marked=False),  # after a restore it may be known by another id
        ),
        (
            shown(text="Battery…", note_tweet=shown(text=AS_SHOWN, links=(LINK, PHOTO))),
            replace(item(), post=""),
        ),
        (shown(text="Battery…", note_post={"text": "All of it", "entities": None}), replace(BARE, text="All of it")),
    ],
)  # fmt: skip
def test_it_is_found_in_what_x_shows(server: Scripted, clock: VirtualClock, post: dict[str, Any], sent: Any) -> None:
    server.says(TIMELINE, page(shown("1", "Something else"), post))

    assert look(adapter(server, clock), sent) == HERE


@pytest.mark.parametrize(
    ("post", "sent"),
    [
        (shown(text=AS_SHOWN, links=(LINK.replace("0a1b2c3d", "ffffffff"), PHOTO)), item()),
        (shown(text="Mended by hand: {0}", links=(LINK,), parent="102"), item()),
        (shown(text="Three", parent="102"), replace(item(), text="Two", reply_to="102")),
        (shown(text="Other", links=(f"{LINK}ff",)), item()),
        (shown(text="Other", entities="odd"), item()),
    ],
)  # fmt: skip
def test_another_post_is_not_taken_for_it(
    server: Scripted, clock: VirtualClock, post: dict[str, Any], sent: Any
) -> None:
    server.says(TIMELINE, page(post))

    assert look(adapter(server, clock), sent) == Absent(honours_key=False)


@pytest.mark.parametrize(
    ("post", "sent"),
    [
        (shown(text=AS_SHOWN, links=(LINK, PHOTO), parent="102"), item()),
        (shown(text="Two", parent="101"), replace(item(), text="Two", reply_to="102")),
        (shown(text="Two"), replace(item(), text="Two", reply_to="102")),  # X may not tell what it answers
        (shown(text="Two", referenced_tweets=[{"type": "quoted", "id": "9"}]), replace(BARE, text="Two", reply_to="9")),
    ],
)
def test_its_words_in_another_place_are_for_a_person(
    server: Scripted, clock: VirtualClock, post: dict[str, Any], sent: Any
) -> None:
    server.says(TIMELINE, page(post))

    assert look(adapter(server, clock), sent) == CannotTell(
        f"https://x.com/i/web/status/{LIVE} says the same, but X does not show it as an answer to the same post"
    )


def test_its_words_in_another_place_do_not_hide_it(server: Scripted, clock: VirtualClock) -> None:
    server.says(TIMELINE, page(shown("1", "Two"), next_token="next"), page(shown(text="Two", parent="102")))

    assert look(adapter(server, clock), replace(item(), text="Two", reply_to="102")) == HERE


def test_it_is_looked_for_on_further_pages(server: Scripted, clock: VirtualClock) -> None:
    server.says(TIMELINE, page(shown("1", "Other"), next_token="next"), page(shown(text=AS_SHOWN, links=(LINK, PHOTO))))

    assert look(adapter(server, clock)) == HERE
    assert [dict(each.query).get("pagination_token") for each in server.sent] == [None, "next"]


def test_more_than_can_be_looked_through_is_no_proof(server: Scripted, clock: VirtualClock) -> None:
    server.says(TIMELINE, page(shown("1", "Other"), next_token="next"))

    assert look(adapter(server, clock)) == CannotTell(f"the account has posted more than {PAGE * PAGES} times since")
    assert len(server.calls) == PAGES


@pytest.mark.parametrize("beside", [page(shown("1", "Other")), {"meta": {}}])
def test_a_timeline_that_shows_only_some_is_no_proof(
    server: Scripted, clock: VirtualClock, beside: dict[str, Any]
) -> None:
    server.says(TIMELINE, {**beside, "errors": [{"title": "Field Hydration Failure", "detail": "odd"}]})

    said = look(adapter(server, clock))

    assert isinstance(said, CannotTell)
    assert "Field Hydration Failure; odd" in said.reason


@pytest.mark.parametrize("body", [b"", [], {}, {"data": {}}, {"data": [{"text": "no id"}]}, {"data": ["odd"]}])
def test_an_answer_that_is_no_timeline_is_an_error(server: Scripted, clock: VirtualClock, body: Any) -> None:
    server.says(TIMELINE, body)

    assert isinstance(error_of(lambda: look(adapter(server, clock))), NotSent)


def test_with_keys_the_account_is_asked_for_once(server: Scripted, clock: VirtualClock) -> None:
    server.says(TIMELINE, page())
    x = adapter(server, clock, **KEYS)

    look(x)
    look(x, since=MONDAY - timedelta(days=7))

    assert server.calls == ["GET /2/users/me", TIMELINE, TIMELINE]
    assert dict(server.sent[-1].query)["start_time"] == "2026-02-23T07:59:00Z"


def test_the_text_is_still_what_was_sent() -> None:
    assert LINK in TEXT

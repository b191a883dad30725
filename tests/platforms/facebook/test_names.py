"""The names of what is sent to Facebook and read from it, against those in its own library (PyPI: facebook_business).

The library is written by a program from Facebook's own specification. It is read here, not run.
"""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from campaign.rehearsal.clock import VirtualClock
from tests.platforms.facebook.scripted import (
    COMMENT_ID,
    COMMENTS,
    FEED,
    LIST,
    ONE,
    PAGE,
    PHOTOS,
    POST_ID,
    Kept,
    MakeImage,
    Scripted,
    V,
    adapter,
    comment,
    item,
    listed,
    names_in,
    send,
)

CALLED = {"field_from": "from"}  # a word of Python
BEYOND = {  # what is no parameter of one call there
    "fields": "of every call that reads: https://developers.facebook.com/docs/graph-api/overview#fields",
    "source": "the file: https://developers.facebook.com/docs/graph-api/reference/page/photos#publish",
    "appsecret_proof": "of every call: https://developers.facebook.com/docs/graph-api/guides/secure-requests",
    "limit": "of every list: https://developers.facebook.com/docs/graph-api/results#cursors",
    "after": "of every list: https://developers.facebook.com/docs/graph-api/results#cursors",
    "since": "of every list by time: https://developers.facebook.com/docs/graph-api/results#time",
}


def tree_of(module: str, kind: str) -> ast.ClassDef:
    """Return a class of the library as it is written."""
    spec = find_spec("facebook_business")
    assert spec is not None
    assert spec.submodule_search_locations
    file = Path(spec.submodule_search_locations[0]) / "adobjects" / f"{module}.py"
    return next(
        node for node in ast.parse(file.read_text()).body if isinstance(node, ast.ClassDef) and node.name == kind
    )


def parameters(module: str, kind: str, call: str) -> set[str]:
    """Return the names of the parameters that a call takes: the keys of its `param_types`."""
    [method] = [each for each in tree_of(module, kind).body if isinstance(each, ast.FunctionDef) and each.name == call]
    [types] = [
        node.value
        for node in ast.walk(method)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "param_types"
    ]
    return set(ast.literal_eval(types))


def fields(module: str, kind: str) -> set[str]:
    """Return the names of the fields that an object has."""
    [names] = [each for each in tree_of(module, kind).body if isinstance(each, ast.ClassDef) and each.name == "Field"]
    given = [each for each in names.body if isinstance(each, ast.Assign)]
    return {CALLED.get(ast.unparse(each.targets[0]), ast.unparse(each.targets[0])) for each in given}


def edges(module: str, kind: str) -> set[str]:
    """Return the names of what hangs on an object, which may be asked for as its fields are."""
    calls = [each.name for each in tree_of(module, kind).body if isinstance(each, ast.FunctionDef)]
    return {name.removeprefix("get_") for name in calls if name.startswith("get_")}


def values(module: str, kind: str, choice: str) -> set[str]:
    """Return what a parameter may be."""
    [names] = [each for each in tree_of(module, kind).body if isinstance(each, ast.ClassDef) and each.name == choice]
    return {ast.literal_eval(each.value) for each in names.body if isinstance(each, ast.Assign)}


def odd(sent: Any, known: set[str]) -> set[str]:
    """Return the names that the library does not know."""
    return set(sent) - known - BEYOND.keys()


OF_POSTS = fields("pagepost", "PagePost") | edges("pagepost", "PagePost")


def test_a_name_that_is_wrong_would_be_seen() -> None:
    known = parameters("page", "Page", "create_feed")

    assert odd({"message", "attached_media", "fields"}, known) == set()
    assert odd({"message", "attached_medias"}, known) == {"attached_medias"}
    assert odd({"permalink"}, fields("pagepost", "PagePost")) == {"permalink"}


def test_a_post_with_a_link(server: Scripted, clock: VirtualClock) -> None:
    send(adapter(server, clock), item())

    assert odd(server.one(FEED).json, parameters("page", "Page", "create_feed")) == set()


def test_a_post_with_pictures(server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
    server.says(PHOTOS, {"id": "9"})
    send(adapter(server, clock), item(images=(image(),)))

    assert odd(server.one(PHOTOS).pieces, parameters("page", "Page", "create_photo")) == set()
    post = server.one(FEED).json
    assert odd(post, parameters("page", "Page", "create_feed")) == set()


def test_a_first_comment(server: Scripted, clock: VirtualClock) -> None:
    server.says(f"POST {COMMENTS}", {"id": COMMENT_ID})
    server.says(f"GET {COMMENTS}", listed())
    facebook = adapter(server, clock)
    send(facebook, comment())
    facebook.find(comment(), Kept().open(), clock.now())

    made, sought = server.sent
    assert odd(made.json, parameters("pagepost", "PagePost", "create_comment")) == set()
    assert odd(dict(sought.query), parameters("pagepost", "PagePost", "get_comments")) == set()
    assert odd(names_in(dict(sought.query)["fields"]), fields("comment", "Comment")) == set()
    assert dict(sought.query)["filter"] in values("comment", "Comment", "Filter")
    assert dict(sought.query)["order"] in values("comment", "Comment", "Order")


def test_what_is_sought_again(server: Scripted, clock: VirtualClock) -> None:
    server.says(f"GET {V}/91", {"id": "91", "page_story_id": POST_ID})
    server.says(f"GET {ONE}", {"id": POST_ID})
    server.says(LIST, listed())
    uploaded = Kept({"media": {"a": {"id": "91", "at": "2026-03-02T07:00:00+00:00"}}}).open()
    adapter(server, clock).find(item(), uploaded, clock.now())

    photo, post, posts = server.sent
    assert odd(names_in(dict(photo.query)["fields"]), fields("photo", "Photo")) == set()
    assert odd(names_in(dict(post.query)["fields"]), fields("pagepost", "PagePost")) == set()
    assert odd(dict(posts.query), parameters("page", "Page", "get_published_posts")) == set()
    assert odd(names_in(dict(posts.query)["fields"]), OF_POSTS) == set()


def test_a_change(server: Scripted, clock: VirtualClock) -> None:
    server.says(f"GET {ONE}", {"id": POST_ID})
    server.says(f"POST {ONE}", {"success": True})
    adapter(server, clock).edit(POST_ID, item())

    assert odd(server.sent[1].json, parameters("pagepost", "PagePost", "api_update")) == set()


def test_numbers(server: Scripted, clock: VirtualClock) -> None:
    server.says(f"GET {ONE}/insights", {"data": []})
    server.says(f"GET {ONE}", {"id": POST_ID})
    server.says(f"GET {V}/{PAGE}", {"followers_count": 3})
    server.says(f"GET {V}/{COMMENT_ID}", {"like_count": 3})
    facebook = adapter(server, clock)
    facebook.metrics([POST_ID, COMMENT_ID])
    facebook.followers()

    insights, post, one_comment, page = server.sent
    assert odd(dict(insights.query), parameters("pagepost", "PagePost", "get_insights")) == set()
    assert odd(names_in(dict(post.query)["fields"]), OF_POSTS) == set()
    assert odd(names_in(dict(one_comment.query)["fields"]), fields("comment", "Comment")) == set()
    assert odd(names_in(dict(page.query)["fields"]), fields("page", "Page")) == set()

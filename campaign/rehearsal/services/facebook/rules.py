"""Errors as Facebook writes them, and the fields that a call asks for. Pure.

https://developers.facebook.com/docs/graph-api/guides/error-handling, …/docs/graph-api/guides/field-expansion
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaign.rehearsal.services.base import Refused

Fields = dict[str, "Fields"]
_WORD = re.compile(r"[a-z0-9_]+")


def refused(
    code: int, message: str, subcode: int = 0, *, status: int = 400, headers: Mapping[str, str] | None = None
) -> Refused:
    """Return a refusal, to be raised."""
    error: dict[str, Any] = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
    if subcode:
        error |= {"error_subcode": subcode}
    return Refused(status, {"error": {**error, "is_transient": False, "fbtrace_id": "A0simulated"}}, headers or {})


def not_there(id: str) -> Refused:
    """Return what is said of an object that does not exist, or that the token may not see."""
    said = (
        f"Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, "
        "or does not support this operation."
    )
    return refused(100, said, 33)


def only(given: Mapping[str, Any], allowed: set[str]) -> None:
    """Refuse parameters that the call does not have. (The real one ignores many; what it ignores is not meant.)"""
    if odd := sorted(given.keys() - allowed):
        raise refused(100, f"Param {odd[0]} is not a valid parameter")


def fields_in(text: str) -> Fields:
    """Read `a,b{c,d{e}},f.summary(true).limit(0)` as a tree; modifiers are names below their field."""
    tree, rest = _fields(text)
    if rest:
        raise refused(2500, f"Syntax error at: {rest}")
    return tree


def _fields(text: str) -> tuple[Fields, str]:
    found: Fields = {}
    while text and text[0] != "}":
        word = _WORD.match(text)
        if word is None:
            raise refused(2500, f'Syntax error "Expected a field" at: {text}')
        below, text = _below(text[word.end() :])
        found[word[0]] = below
        text = text.removeprefix(",")
    return found, text


def _below(text: str) -> tuple[Fields, str]:
    below: Fields = {}
    while text.startswith("."):
        end = text.find(")")
        below[text[1 : end + 1]] = {}
        text = text[end + 1 :]
    if text.startswith("{"):
        inner, text = _fields(text[1:])
        if not text.startswith("}"):
            raise refused(2500, "Syntax error: a brace is not closed")
        return below | inner, text[1:]
    return below, text


def picked(node: Mapping[str, Any], wanted: Fields, kind: str) -> dict[str, Any]:
    """Return of a node what was asked for, and its id. `node` holds all that there is, None for what is not told."""
    if odd := [name for name in wanted if name not in node]:
        raise refused(100, f"Tried accessing nonexisting field ({odd[0]}) on node type ({kind})")
    told = {name: _picked_below(node[name], wanted[name], kind) for name in wanted if node[name] is not None}
    return {**told, "id": node["id"]} if "id" in node else told


def _picked_below(value: Any, wanted: Fields, kind: str) -> Any:
    if isinstance(value, dict) and "data" in value and not any("(" in name for name in wanted):
        return {"data": [picked(each, wanted, kind) for each in value["data"]]}
    if isinstance(value, dict) and wanted and not any("(" in name for name in wanted):
        return picked(value, wanted, kind)
    return value


def moment(at: datetime) -> str:
    """Return a time as Facebook writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}+0000"

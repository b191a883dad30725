"""How LinkedIn is called: headers, names in paths, lists in queries and answers (Rest.li 2.0). Pure.

https://learn.microsoft.com/linkedin/shared/api-guide/concepts/protocol-version
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from campaign.rehearsal.services.linkedin.rules import refused
from campaign.rehearsal.transport import Call, Reply

VERSION_LIFE = 12  # months: https://learn.microsoft.com/linkedin/marketing/versioning
COUNT, MOST = 10, 100  # elements of an answer, unless more are asked for


def check_headers(call: Call, restli: str) -> None:
    """Look at what every call must say.

    Raises:
        Refused: it does not.
    """
    version = call.headers.get("linkedin-version", "")
    if not version:
        raise refused(400, "VERSION_MISSING", "A version must be present. Please specify a version")
    if not re.fullmatch(r"20\d\d(0[1-9]|1[0-2])", version) or _age(version, call.at) >= VERSION_LIFE:
        raise refused(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active")
    if call.headers.get("x-restli-protocol-version") != "2.0.0":
        raise refused(400, "QUERY_PARAM_NOT_ALLOWED", "Rest.li 2.0.0 is needed")
    if call.headers.get("x-restli-method", "") != restli:
        raise refused(400, "INVALID_VALUE_FOR_FIELD", f"X-RestLi-Method must be {restli or 'left out'}")
    if call.body and call.headers.get("content-type") != "application/json":
        raise refused(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json")


def _age(version: str, now: datetime) -> int:
    """Return how many months old a version is; one of a time to come is taken, for some rehearse in the past."""
    return 12 * now.year + now.month - 12 * int(version[:4]) - int(version[4:])


def urn_in(segment: str) -> str:
    """Return what a segment of a path names.

    Raises:
        Refused: its colons are not encoded.
    """
    if ":" in segment or "(" in segment:
        raise refused(400, "ILLEGAL_ARGUMENT", f"{segment} is not encoded")
    return unquote(segment)


def listed(asked: Sequence[str], name: str) -> list[str]:
    """Return the URNs of a parameter such as `shares=List(urn%3Ali%3Ashare%3A1,urn%3Ali%3Ashare%3A2)`.

    Raises:
        Refused: brackets or commas are encoded, or the URNs are not.
    """
    given = next((each.partition("=")[2] for each in asked if each.startswith(f"{name}=")), "List()")
    inside = re.fullmatch(r"List\(([\w%,.-]*)\)", given)
    if inside is None:
        raise refused(400, "QUERY_PARAM_NOT_ALLOWED", f"Array parameter '{name}' value '{given}' is invalid")
    return [unquote(urn) for urn in inside[1].split(",") if urn]


def page(elements: Sequence[Any], call: Call) -> Reply:
    start, count = int(call.asked("start", "0")), min(int(call.asked("count", str(COUNT))), MOST)
    paging = {"start": start, "count": count, "links": []}
    return Reply(200, {"elements": list(elements[start : start + count]), "paging": paging})


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

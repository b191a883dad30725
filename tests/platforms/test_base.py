"""The checkpoint: what an adapter remembers is committed the moment it is learnt."""

from __future__ import annotations

from typing import Any

import pytest

from campaign.platforms.base import Checkpoint


def test_a_checkpoint_saves_the_whole_before_it_remembers() -> None:
    saved: list[dict[str, Any]] = []
    checkpoint = Checkpoint({"a": 1}, save=saved.append)

    checkpoint.put("b", [2])

    assert saved == [{"a": 1, "b": [2]}]
    assert (checkpoint["b"], checkpoint.get("c"), checkpoint.get("c", 3)) == ([2], None, 3)
    assert "a" in checkpoint
    assert "c" not in checkpoint


def test_what_could_not_be_saved_is_not_remembered() -> None:
    def fail(values: dict[str, Any]) -> None:
        raise OSError("disk full")

    checkpoint = Checkpoint({"a": 1}, save=fail)
    with pytest.raises(OSError, match="disk full"):
        checkpoint.put("b", 2)
    with pytest.raises(OSError, match="disk full"):
        checkpoint.forget(["a"])
    assert "b" not in checkpoint
    assert "a" in checkpoint


def test_forgetting_saves_only_when_something_goes() -> None:
    saved: list[dict[str, Any]] = []
    checkpoint = Checkpoint({"a": 1, "b": 2}, save=saved.append)
    checkpoint.forget(["c"])
    assert saved == []
    checkpoint.forget(["a", "c"])
    assert saved == [{"b": 2}]
    assert "a" not in checkpoint

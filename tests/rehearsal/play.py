"""Run as a program, away from the tracing of coverage: plays many histories and tells of each promise that was broken.

    python -m tests.rehearsal.play histories FROM COUNT
    python -m tests.rehearsal.play common FROM COUNT
    python -m tests.rehearsal.play sweep CHANNEL
    python -m tests.rehearsal.play bug NAME

The last line is a summary as JSON.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from campaign.rehearsal.faults import CALLS, COMMITS, CommitFault, Fault
from tests.rehearsal.bugs import BUGS, Bug
from tests.rehearsal.histories import Planned, Play, Result, Scenario, drawn, play
from tests.rehearsal.laying import CHANNELS, STORIES, Layout, layout, shapes

TELLING = (Fault.CUT_AFTER, Fault.CRASH_AFTER, Fault.STOPPED, Fault.LIMITED)  # faults that show most bugs
CRASHES = (CommitFault.CRASH_BEFORE, CommitFault.CRASH_AFTER)
ENOUGH = 200  # histories by chance in which a planted bug must have shown itself
TOLD = 20  # broken histories that are told in full


def histories(laid: Layout, first: int, count: int) -> Iterator[Result]:
    """Play the histories of some seeds."""
    return (play(laid, drawn(seed)) for seed in range(first, first + count))


def common(laid: Layout, first: int, count: int) -> Iterator[Result]:
    """Play histories as they are when one call in a hundred meets a fault, where the platform can tell what it did."""
    telling = [channel for channel in CHANNELS if channel != "blind"]
    for seed in range(first, first + count):
        planned = tuple(Planned(channel, story, 1 + 11 * n) for channel in telling for n, story in enumerate(STORIES))
        yield play(laid, Scenario(seed, planned, rate=0.01))


def sweep(laid: Layout, channel: str, on_calls: Sequence[Fault] = CALLS) -> Iterator[Result]:
    """Meet faults at every call, and at every commit, of posts of each shape.

    In a single post each call meets all faults. In a thread, or with a first comment, each call that readers see does;
    the calls between repeat those of a single post, so they meet the telling ones.
    """
    single, *_ = shapes(channel)
    for story in shapes(channel):
        planned = (Planned(channel, story, 1),)
        calm = Play(laid, Scenario(0, planned))
        calm.run()
        for n in range(1, calm.faults.calls + 1):
            faults = on_calls if story == single or n in calm.visible else TELLING
            yield from (play(laid, Scenario(n, planned, calls={n: fault})) for fault in faults)
        for n in range(1, calm.faults.commits + 1):
            at_commit = COMMITS if story == single else CRASHES
            yield from (play(laid, Scenario(n, planned, commits={n: fault})) for fault in at_commit)


def summed(results: Iterable[Result], enough: Callable[[Result], bool] = lambda result: False) -> Counter[str]:
    """Tell of what was broken, and return counts; stop where it is `enough`."""
    counts: Counter[str] = Counter()
    for result in results:
        counts += Counter(
            histories=1, posts=result.posts, asked=result.asked, faults=len(result.met), starts=result.starts
        )
        if result.broken:
            counts["broken"] += 1
            if counts["broken"] <= TOLD:
                told = {"seed": result.seed, "met": result.met, "broken": [str(broken) for broken in result.broken]}
                print(json.dumps(told))
        if enough(result):
            break
    return counts


def hunt(laid: Layout, bug: Bug, channel: str) -> Counter[str]:
    """Play with a planted bug until it shows."""
    with bug():
        played = sweep(laid, channel, TELLING) if channel else histories(laid, 0, ENOUGH)
        return summed(played, enough=lambda result: bool(result.broken))


def channels_of(mode: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the channels that are wanted: laying all of them out takes as long as playing fifty histories."""
    one = {"sweep": arguments[0], "bug": BUGS[arguments[0]][1] if mode == "bug" else ""}.get(mode, "")
    return (one,) if one else CHANNELS


def main(mode: str, *arguments: str) -> None:
    """Play as the command line says."""
    began = time.perf_counter()
    with layout(channels_of(mode, arguments)) as laid:
        gc.freeze()  # what is laid out stays; looking through it again and again takes a fifth of the time
        gc.set_threshold(100_000, 20, 20)
        match mode, arguments:
            case "histories", (first, count):
                counts = summed(histories(laid, int(first), int(count)))
            case "common", (first, count):
                counts = summed(common(laid, int(first), int(count)))
            case "sweep", (channel,):
                counts = summed(sweep(laid, channel))
            case "bug", (name,):
                counts = hunt(laid, *BUGS[name])
            case _:
                raise SystemExit(__doc__)
    print(json.dumps({**counts, "seconds": round(time.perf_counter() - began, 1)}))


if __name__ == "__main__":
    main(*sys.argv[1:])

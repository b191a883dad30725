"""What `why` takes for an answer to "which one?"."""

from __future__ import annotations

import pytest

from campaign.app import App
from campaign.errors import UsageError
from campaign.explain import why
from tests.making import make_post, make_story


def test_a_name_that_means_several_is_answered_with_the_candidates(app: App) -> None:
    make_story(app, "open-day")
    make_story(app, "open-day", region="portugal", fingerprint="other")

    with pytest.raises(UsageError) as refused:
        why(app, "open-day")

    assert str(refused.value) == (
        '"open-day" may mean any of these:\n  moravia-silesia/open-day\n  portugal/open-day\n'
        "  Give the start of the one you mean."
    )
    assert why(app, "portugal/open-day")[0].startswith("portugal/open-day (story ")


@pytest.mark.parametrize("wanted", ["nothing-here", "nothing@news", "abc", "portugal/nothing"])
def test_a_name_that_means_nothing_is_refused(app: App, wanted: str) -> None:
    make_post(app)

    with pytest.raises(UsageError, match=f'there is no post or story "{wanted}"'):
        why(app, wanted)

"""`campaign plan`."""

from __future__ import annotations

from tests.cli.conftest import STORY, Keyboard


def test_the_calendar_shows_local_times_and_what_is_new(campaign: Keyboard) -> None:
    campaign("add", campaign.story())

    told = campaign("plan")

    assert "Tue 3 Mar 09:00  news     battery-modules  moravia-silesia  planned (new)" in told
    assert "Next: campaign proof" in told
    assert "(new)" not in campaign("plan")


def test_a_dry_run_shows_the_same_calendar_and_writes_nothing(campaign: Keyboard) -> None:
    campaign("add", campaign.story())

    tried = campaign.json("plan", "--dry-run")

    assert campaign.json("post", "list", "--all") == []
    assert "Nothing was changed" in campaign("plan", "--dry-run")
    done = campaign.json("plan")
    assert [each["at"] for each in tried["posts"]] == [each["at"] for each in done["posts"]]


def test_a_dry_run_leaves_out_what_would_lose_its_slot(planned: Keyboard) -> None:
    config = planned.folder / "config.toml"
    config.write_text(config.read_text().replace('slots = ["mon-fri 09:00"]', 'slots = ["fri 12:00"]'))

    told = planned("plan", "--dry-run")

    assert "Fri 6 Mar 12:00" in told
    assert "Tue 3 Mar 09:00" not in told


def test_each_slot_and_each_story_without_one_is_explained(campaign: Keyboard) -> None:
    campaign("add", campaign.story(text=STORY.replace("---", "---\nchannels: [news]", 1)))

    told = campaign("plan", "--explain")

    assert "nothing else was waiting" in told
    assert "Without a slot:" in told
    assert "the story names other channels" in told
    assert "--explain" in campaign("plan")


def test_an_empty_calendar_says_how_stories_come_in(campaign: Keyboard) -> None:
    assert "campaign add PATH" in campaign("plan")


def test_weeks_are_limited(campaign: Keyboard) -> None:
    campaign("plan", "--weeks", "0", code=2)


def test_this_months_cost_is_told_per_channel_and_in_all(campaign: Keyboard) -> None:
    config = campaign.folder / "config.toml"
    config.write_text(f'{config.read_text()}\n[prices.folder]\ncurrency = "EUR"\npost = 0.1\nmedia = 0.05\n')
    campaign("add", campaign.story())

    tried = campaign("plan", "--dry-run")

    told = [
        "This month's cost, news in 2026-03: 0.15 EUR (0 spent, 0.15 to come).",
        "This month's cost, kraj in 2026-03: 0.15 EUR (0 spent, 0.15 to come).",
        "This month's cost, in all: 0.30 EUR.",
    ]
    for printed in (tried, campaign("plan")):
        assert [line for line in printed.splitlines() if line.startswith("This month's cost")] == told
    assert campaign.json("plan")["costs"][0]["planned"] == "0.15"

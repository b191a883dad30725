"""Every mistake an officer can make in the config file, and the message, to the letter, that answers it."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.config import load
from campaign.errors import ConfigError, Exit

SOUND = """\
[campaign]
name = "Our regions"
zone = "Europe/Brussels"

[regions.asa]
name = "Alliance"
network = true

[regions.moravia-silesia]
name = { en = "Moravia-Silesia", cs = "Moravskoslezský kraj" }
country = "CZ"

[funders.eu]
name = "European Union"
statement = { en = "Co-funded by the European Union" }

[projects.trireme]
name = "TRIREME"
funders = ["eu"]

[channels.folder-asa]
platform = "folder"
slots = [
    "tue 09:00",
    "thu 11:00",
]

[people.zuzana]
name = "Zuzana Dvořáková"
login = "zuzana"
approves = ["everything"]

[[blackouts]]
first = 2026-12-24
last = 2027-01-01
reason = "Christmas"
"""

MISTAKES = {  # what is written: (sound line, wrong line, the whole message)
    "a misspelt section": (
        "[regions.asa]",
        "[region.asa]",
        """\
config.toml, line 5: there is no key "region" here.
  Did you mean "regions"?""",
    ),
    "a misspelt key": (
        'country = "CZ"',
        'county = "CZ"',
        """\
config.toml, line 11, regions.moravia-silesia: there is no key "county" here.
  Did you mean "country"?""",
    ),
    "a key that resembles none": (
        'login = "zuzana"',
        'phone = "+420"',
        """\
config.toml, line 30, people.zuzana: there is no key "phone" here.
  Known here: approves, email, login, name.""",
    ),
    "no name of the campaign": (
        'name = "Our regions"',
        "",
        """\
config.toml, line 1, campaign: name is missing.
  Add a line that starts with "name = ".""",
    ),
    "no slots, but something like it": (
        "slots = [",
        "slot = [",
        """\
config.toml, line 21, channels.folder-asa: slots is missing.
  It is written "slot" here.""",
    ),
    "an empty name": (
        'name = "TRIREME"',
        'name = " "',
        """\
config.toml, line 18, projects.trireme.name: the text is empty.""",
    ),
    "a number for a text": (
        'name = "TRIREME"',
        "name = 2026",
        """\
config.toml, line 18, projects.trireme.name: 2026 is not text.
  Put text in quotes: "like this".""",
    ),
    "a text for a list": (
        'funders = ["eu"]',
        'funders = "eu"',
        """\
config.toml, line 19, projects.trireme.funders: "eu" is not a list.
  Put it in brackets: ["one", "two"].""",
    ),
    "a list for a table": (
        'country = "CZ"',
        'handles = ["@msk"]',
        """\
config.toml, line 11, regions.moravia-silesia.handles: a list is not a table.
  Put it in braces: { en = … }.""",
    ),
    "a text for yes or no": (
        "network = true",
        'network = "yes"',
        """\
config.toml, line 7, regions.asa.network: "yes" is neither true nor false.
  Write true or false, without quotes.""",
    ),
    "a text for a number": (
        'platform = "folder"',
        'platform = "folder"\ndaily_cap = "2"',
        """\
config.toml, line 23, channels.folder-asa.daily_cap: "2" is not a whole number.
  Write a number of 1 or more, without quotes.""",
    ),
    "a link in the post and out of it": (
        'platform = "folder"',
        'platform = "folder"\nattach = "link-card"\nfirst_comment = "link"',
        """\
config.toml, line 24, channels.folder-asa.first_comment: attach = "link-card" wants the link in the post, \
and first_comment = "link" takes it out.
  Take one of the two lines out.""",
    ),
    "a price in words": (
        "[regions.asa]",
        '[prices.folder]\ncurrency = "USD"\npost = "0.20 USD"\n[regions.asa]',
        """\
config.toml, line 7, prices.folder.post: "0.20 USD" is not a number.
  Write a number such as 0.5, without quotes.""",
    ),
    "a price below nothing": (
        "[regions.asa]",
        '[prices.folder]\ncurrency = "USD"\npost = -1\n[regions.asa]',
        """\
config.toml, line 7, prices.folder.post: -1 is below 0.""",
    ),
    "a currency by its sign": (
        "[regions.asa]",
        '[prices.folder]\ncurrency = "€"\npost = 1\n[regions.asa]',
        """\
config.toml, line 6, prices.folder.currency: "€" is not a currency.
  Write the three capital letters of ISO 4217: "EUR", "USD".""",
    ),
    "a budget without prices": (
        'platform = "folder"',
        'platform = "folder"\nbudget = 20',
        """\
config.toml, line 23, channels.folder-asa.budget: there is a budget, and no price that would count against it.
  Add a table [prices.KEY]; KEY is the channel or its platform.""",
    ),
    "a number out of range": (
        "[regions.asa]",
        "[plan]\nweeks = 53\n[regions.asa]",
        """\
config.toml, line 6, plan.weeks: 53 is out of range.
  Write a number from 1 to 52.""",
    ),
    "a zone that does not exist": (
        'zone = "Europe/Brussels"',
        'zone = "Europe/Brussel"',
        """\
config.toml, line 3, campaign.zone: "Europe/Brussel" is not a time zone.
  Did you mean "Europe/Brussels"?""",
    ),
    "a zone that resembles none": (
        'zone = "Europe/Brussels"',
        'zone = "§§§"',
        """\
config.toml, line 3, campaign.zone: "§§§" is not a time zone.
  Write it like "Europe/Brussels".""",
    ),
    "a country for a language": (
        "cs = ",
        "cz = ",
        """\
config.toml, line 10, regions.moravia-silesia.name.cz: "cz" is not a language.
  Did you mean "cs"?""",
    ),
    "a language in words": (
        'zone = "Europe/Brussels"',
        'zone = "Europe/Brussels"\nlanguage = "english"',
        """\
config.toml, line 4, campaign.language: "english" is not a language.
  Write a language code: "en", "cs" or "pt-PT".""",
    ),
    "a country that is not one": (
        'country = "CZ"',
        'country = "UK"',
        """\
config.toml, line 11, regions.moravia-silesia.country: "UK" is not a country.
  Did you mean "GB"?""",
    ),
    "a name in no language": (
        '{ en = "Moravia-Silesia", cs = "Moravskoslezský kraj" }',
        "{}",
        """\
config.toml, line 10, regions.moravia-silesia.name: the name is given in no language.
  Write { en = "Portugal" }.""",
    ),
    "a colour in words": (
        'country = "CZ"',
        'accent = "blue"',
        """\
config.toml, line 11, regions.moravia-silesia.accent: "blue" is not a colour.
  Write # and six digits from 0 to F: "#003399".""",
    ),
    "a hashtag of two words": (
        'country = "CZ"',
        'hashtags = ["Skills", "#Green Skills"]',
        """\
config.toml, line 11, regions.moravia-silesia.hashtags[2]: "#Green Skills" is not a hashtag.
  Write one word of letters and digits, a capital for each part: "GreenSkills".""",
    ),
    "a weight of nothing": (
        'country = "CZ"',
        "weight = 0",
        """\
config.toml, line 11, regions.moravia-silesia.weight: 0 is not above 0.
  A region of weight 2 gets twice the posts of a region of weight 1.""",
    ),
    "a weight that is no number": (
        'country = "CZ"',
        "weight = nan",
        """\
config.toml, line 11, regions.moravia-silesia.weight: nan is not a number.
  Write a number such as 0.5, without quotes.""",
    ),
    "a share in percent": (
        "network = true",
        "network = true\nshare = 25",
        """\
config.toml, line 8, regions.asa.share: 25 is not a share.
  Write a number above 0 and up to 1: 0.25 is a quarter.""",
    ),
    "a share of a region": (
        'country = "CZ"',
        "share = 0.5",
        """\
config.toml, line 11, regions.moravia-silesia.share: only a network has a share.
  Add network = true, or take the share away.""",
    ),
    "a weight of the network": (
        "network = true",
        "network = true\nweight = 2",
        """\
config.toml, line 8, regions.asa.weight: a network has no weight.
  Give its largest part of the slots as share.""",
    ),
    "a logo that is not there": (
        'country = "CZ"',
        'logo = "logos/msk.png"',
        """\
config.toml, line 11, regions.moravia-silesia.logo: "logos/msk.png" is a file that is not there.
  Paths start from {root}.""",
    ),
    "a region key with letters that addresses cannot hold": (
        "[regions.moravia-silesia]",
        '[regions."Moravskoslezský kraj"]',
        """\
config.toml, line 9, regions.Moravskoslezský kraj: "Moravskoslezský kraj" cannot be a key: keys are made of small \
letters a to z, digits and dashes.
  Write [regions.moravskoslezsky-kraj].""",
    ),
    "a key that means everybody": (
        "[regions.moravia-silesia]",
        "[regions.everything]",
        """\
config.toml, line 9, regions.everything: "everything" already means all regions and channels.
  Choose another key.""",
    ),
    "a funder without a statement": (
        'statement = { en = "Co-funded by the European Union" }',
        "",
        """\
config.toml, line 13, funders.eu: statement is missing.
  Add a line that starts with "statement = ".""",
    ),
    "a funder with an empty statement": (
        '{ en = "Co-funded by the European Union" }',
        "{}",
        """\
config.toml, line 15, funders.eu.statement: the statement is given in no language.
  Write { en = "Co-funded by the European Union" }.""",
    ),
    "a disclaimer in a place there is not": (
        'name = "European Union"',
        'name = "European Union"\ndisclaimer_in = "posts"',
        """\
config.toml, line 15, funders.eu.disclaimer_in: "posts" is not possible here.
  Did you mean "post"?""",
    ),
    "an unknown funder": (
        'funders = ["eu"]',
        'funders = ["ue"]',
        """\
config.toml, line 19, projects.trireme.funders[1]: "ue" is not a funder.
  Known here: eu.""",
    ),
    "a project that ends before it starts": (
        'funders = ["eu"]',
        'starts = 2026-01-01\nends = "2025-12-31"',
        """\
config.toml, line 20, projects.trireme.ends: the project ends on 2025-12-31, before it starts on 2026-01-01.
  Change one of the two.""",
    ),
    "a target for a period there is not": (
        'funders = ["eu"]',
        "targets = { months = 4 }",
        """\
config.toml, line 19, projects.trireme.targets.months: "months" is not possible here.
  Did you mean "month"?""",
    ),
    "a link without its beginning": (
        'funders = ["eu"]',
        'link = "example.org/trireme"',
        """\
config.toml, line 19, projects.trireme.link: "example.org/trireme" is not the address of a page.
  Write it whole: "https://example.org/page".""",
    ),
    "a day that does not exist": (
        "last = 2027-01-01",
        'last = "2027-02-30"',
        """\
config.toml, line 35, blackouts[1].last: "2027-02-30" is not a date.
  Write year-month-day: 2026-12-24.""",
    ),
    "a date with a time": (
        "first = 2026-12-24",
        "first = 2026-12-24 18:00:00",
        """\
config.toml, line 34, blackouts[1].first: 2026-12-24 18:00:00 is not a date.
  Write year-month-day: 2026-12-24.""",
    ),
    "a blackout that ends before it begins": (
        "last = 2027-01-01",
        "last = 2026-01-01",
        """\
config.toml, line 35, blackouts[1].last: the last day, 2026-01-01, is before the first, 2026-12-24.
  Exchange the two.""",
    ),
    "a blackout of an unknown channel": (
        'reason = "Christmas"',
        'reason = "Christmas"\nchannels = ["folder_asa"]',
        """\
config.toml, line 37, blackouts[1].channels[1]: "folder_asa" is not a channel.
  Did you mean "folder-asa"?""",
    ),
    "one blackout written as a table": (
        "[[blackouts]]",
        "[blackouts]",
        """\
config.toml, line 33, blackouts: "blackouts" is not a list of tables.
  Write the header as [[blackouts]].""",
    ),
    "a slot on no day": (
        '"thu 11:00"',
        '"thr 11:00"',
        """\
config.toml, line 25, channels.folder-asa.slots[2]: "thr 11:00" is not a slot.
  Write a day and a time: "tue 09:00", "mon-fri 09:00" or "daily 18:00".""",
    ),
    "a slot at no time": (
        '"thu 11:00"',
        '"thu 24:00"',
        """\
config.toml, line 25, channels.folder-asa.slots[2]: "thu 24:00" has no such time.
  Write the time from 00:00 to 23:59.""",
    ),
    "two slots at the same time": (
        '"thu 11:00"',
        '"mon-fri 09:00"',
        """\
config.toml, line 25, channels.folder-asa.slots[2]: Tuesday 09:00 is already a slot of this channel.
  Take one of the two away.""",
    ),
    "a duration without its unit": (
        'platform = "folder"',
        'platform = "folder"\nspacing = "4"',
        """\
config.toml, line 23, channels.folder-asa.spacing: "4" is not a duration.
  Write it like "30 s", "45 min", "4 h", "7 days" or "2 weeks".""",
    ),
    "a duration beyond measure": (
        'platform = "folder"',
        'platform = "folder"\nrepeat_guard = "99999999999 weeks"',
        """\
config.toml, line 23, channels.folder-asa.repeat_guard: "99999999999 weeks" is longer than a year.
  Write it like "30 s", "45 min", "4 h", "7 days" or "2 weeks".""",
    ),
    "a deadline of no time": (
        'platform = "folder"',
        'platform = "folder"\ncall_deadline = "0 s"',
        """\
config.toml, line 23, channels.folder-asa.call_deadline: "0 s" is no time at all.
  Write a duration such as "30 s".""",
    ),
    "an unknown mode": (
        'platform = "folder"',
        'platform = "folder"\nmode = "by hand"',
        """\
config.toml, line 23, channels.folder-asa.mode: "by hand" is not possible here.
  Did you mean "by-hand"?""",
    ),
    "a channel that is no table": (
        "[channels.folder-asa]",
        '[channels]\nfolder-web = "published"\n[channels.folder-asa]',
        """\
config.toml, line 22, channels.folder-web: "folder-web" is not a table.
  Write a header of its own: [channels.folder-web].""",
    ),
    "a section that is no table": (
        "[campaign]",
        'pages = "pages"\n[campaign]',
        """\
config.toml, line 1, pages: "pages" is not a table.
  Write it as a header on a line of its own: [pages].""",
    ),
    "approval of an unknown region": (
        'approves = ["everything"]',
        'approves = ["moravia"]',
        """\
config.toml, line 31, people.zuzana.approves[1]: "moravia" is not a region or channel.
  Did you mean "moravia-silesia"?""",
    ),
    "two people with one login": (
        "[people.zuzana]",
        '[people.joao]\nname = "João Conceição"\nlogin = "zuzana"\n[people.zuzana]',
        """\
config.toml, line 33, people.zuzana.login: "zuzana" is already the login of joao.
  Each person needs their own.""",
    ),
    "an address that is no e-mail": (
        'login = "zuzana"',
        'email = "zuzana at example.org"',
        """\
config.toml, line 30, people.zuzana.email: "zuzana at example.org" is not an e-mail address.
  Write it like "name@example.org".""",
    ),
    "a size without its unit": (
        "[regions.asa]",
        '[daemon]\nfree_disk = "64"\n[regions.asa]',
        """\
config.toml, line 6, daemon.free_disk: "64" is not a size.
  Write it like "64 MB" or "2 GB".""",
    ),
    "a folder in somebody's home": (
        "[regions.asa]",
        '[folders]\ninbox = "~/inbox"\n[regions.asa]',
        """\
config.toml, line 6, folders.inbox: "~/inbox" means another folder for each account.
  Write the path from / on.""",
    ),
    "accepted stories inside the inbox": (
        "[regions.asa]",
        '[folders]\naccepted = "inbox/done"\n[regions.asa]',
        """\
config.toml, line 6, folders.accepted: what lies in the inbox would be taken in again.
  Choose a folder outside the inbox.""",
    ),
    "an inbox that holds everything": (
        "[regions.asa]",
        '[folders]\ninbox = "/"\nrefused = "refused"\n[regions.asa]',
        """\
config.toml, line 5, folders.accepted: what lies in the inbox would be taken in again.
  Choose a folder outside the inbox.
config.toml, line 7, folders.refused: what lies in the inbox would be taken in again.
  Choose a folder outside the inbox.""",
    ),
    "templates that are not there": (
        "[regions.asa]",
        '[folders]\ntemplates = "wording"\n[regions.asa]',
        """\
config.toml, line 6, folders.templates: "wording" is a folder that is not there.
  Paths start from {root}.""",
    ),
    "a public place that is not encrypted": (
        "[regions.asa]",
        '[public]\nurl = "http://pictures.example.org"\nfolder = "www"\n[regions.asa]',
        """\
config.toml, line 6, public.url: "http://pictures.example.org" is not encrypted, and platforms fetch nothing from there.
  Begin it with https://.""",
    ),
    "a public place with a question": (
        "[regions.asa]",
        '[public]\nurl = "https://example.org/?show="\nfolder = "www"\n[regions.asa]',
        """\
config.toml, line 6, public.url: "https://example.org/?show=" is not the address of a place.
  Write it without ? and #.""",
    ),
    "a public place that lies nowhere": (
        "[regions.asa]",
        '[public]\nurl = "https://pictures.example.org"\n[regions.asa]',
        """\
config.toml, line 5, public: pictures lie either in a folder or in a bucket.
  Write folder = "…" or bucket = "s3://…".""",
    ),
    "a public folder with the keys of a bucket": (
        "[regions.asa]",
        '[public]\nurl = "https://pictures.example.org"\nfolder = "www"\nregion = "eu"\n[regions.asa]',
        """\
config.toml, line 8, public.region: a folder has no region.
  Take this line out.""",
    ),
    "a bucket by its name alone": (
        "[regions.asa]",
        '[public]\nurl = "https://pictures.example.org"\nbucket = "asa-pictures"\n[regions.asa]',
        """\
config.toml, line 7, public.bucket: "asa-pictures" is not a bucket.
  Write it like "s3://name/pictures".""",
    ),
    "half a key of a bucket": (
        "[regions.asa]",
        '[public]\nurl = "https://example.org"\nbucket = "s3://asa"\naccess_key = "AKIA"\n[regions.asa]',
        """\
config.toml, line 5, public: access_key and secret_key belong together.
  Write both, or neither of them.""",
    ),
    "another kind of database": (
        "[regions.asa]",
        '[database]\nurl = "mysql://campaign:hunter2@localhost/campaign"\n[regions.asa]',
        """\
config.toml, line 6, database.url: the value of url is a kind of database that campaign does not use.
  Write "sqlite:///campaign.db" or "postgresql://user@host/name".""",
    ),
    "a database that forgets": (
        "[regions.asa]",
        '[database]\nurl = "sqlite:///:memory:"\n[regions.asa]',
        """\
config.toml, line 6, database.url: the value of url names no database file.
  Write "sqlite:///campaign.db" or "postgresql://user@host/name".""",
    ),
    "a database by its file alone": (
        "[regions.asa]",
        '[database]\nurl = "campaign.db"\n[regions.asa]',
        """\
config.toml, line 6, database.url: the value of url is not the address of a database.
  Write "sqlite:///campaign.db" or "postgresql://user@host/name".""",
    ),
    "a variable that is not set": (
        'name = "Our regions"',
        'name = "${CAMPAIGN_NAME}"',
        """\
config.toml, line 2, campaign.name: the environment variable CAMPAIGN_NAME is not set.
  Set it before campaign starts, or write a value for its absence: ${CAMPAIGN_NAME:-value}.""",
    ),
    "a secret that is not there": (
        'platform = "folder"',
        'platform = "folder"\ntoken = { file = "token" }',
        """\
config.toml, line 23, channels.folder-asa.token: "token" is a file that is not there.""",
    ),
    "a text without its quotes": (
        'country = "CZ"',
        "country = CZ",
        """\
config.toml, line 11: the file cannot be understood here: Invalid value.
  Text stands in "quotes", lists in [brackets], and each key of a table only once.""",
    ),
    "a list without its end": (
        'reason = "Christmas"\n',
        'reason = "Christmas"\nchannels = [',
        """\
config.toml, line 37: the file cannot be understood here: Invalid value.
  Text stands in "quotes", lists in [brackets], and each key of a table only once.""",
    ),
    "a key given twice": (
        'country = "CZ"',
        'country = "CZ"\ncountry = "CZ"',
        """\
config.toml, line 12: the file cannot be understood here: Cannot overwrite a value.
  Text stands in "quotes", lists in [brackets], and each key of a table only once.""",
    ),
}


def test_the_sound_config_of_these_tests_loads(tmp_path: Path) -> None:
    assert load(write(tmp_path, SOUND), {}).regions.keys() == {"asa", "moravia-silesia"}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_told_with_its_line_and_remedy(tmp_path: Path, mistake: str) -> None:
    sound, wrong, message = MISTAKES[mistake]
    assert SOUND.count(sound) == 1 or sound in ("cs = ", "[regions.asa]"), "the mistake is made in one place"

    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, SOUND.replace(sound, wrong, 1)), {})

    assert str(refused.value) == message.replace("{root}", str(tmp_path))
    assert refused.value.exit_code == Exit.USAGE


def test_an_empty_file_is_told_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, ""), {})
    assert str(refused.value) == (
        'config.toml: there is no table [campaign].\n  Begin the file with [campaign], name = "…" and zone = "…".'
    )


def test_a_text_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(SOUND.encode("cp1250"))
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    assert str(refused.value) == "config.toml, line 10: the text is not UTF-8.\n  Save the file as UTF-8."


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path / "config.toml", {})
    assert str(refused.value) == "config.toml: the file cannot be read: No such file or directory."


def test_all_mistakes_are_told_at_once_from_top_to_bottom(tmp_path: Path) -> None:
    wrong = SOUND.replace("Europe/Brussels", "Nowhere").replace('"thu 11:00"', '"thu"').replace('["eu"]', '["un"]')
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, wrong.replace("login =", "logon =")), {})
    assert [problem.where for problem in refused.value.problems] == [
        "config.toml, line 3, campaign.zone",
        "config.toml, line 19, projects.trireme.funders[1]",
        "config.toml, line 25, channels.folder-asa.slots[2]",
        "config.toml, line 30, people.zuzana",
    ]


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path

"""A team's own templates and words, and what is said when one of them is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from telling import EVENT, UPDATE, a_config, composed

from campaign.config.words import Config
from campaign.errors import RenderError
from campaign.render.text import template_chain, uses_when
from campaign.story import Kind


def own_templates(folder: Path, **files: str) -> Config:
    """Return a config whose team brings its own templates; `files` by path with __ for / and without the ending."""
    for name, text in files.items():
        path = folder / "posts" / f"{name.replace('__', '/')}"
        path = path if path.suffix else path.with_name(f"{path.name}.txt.j2")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config = a_config()
    return replace(config, folders=replace(config.folders, templates=folder))


CALL = '{% call part("text") %}Our own wording: {{ story.title }}{% endcall %}'


def test_a_teams_own_wording_for_a_platform_comes_first(tmp_path: Path) -> None:
    config = own_templates(tmp_path, mastodon__event=CALL, _default__update='{% call part("t") %}Ours{% endcall %}')
    assert composed(EVENT, "mastodon", config=config).text == f"Our own wording: {EVENT.tellings['en'].title}"
    assert composed(EVENT, "x", config=config).text.startswith("Save the date")
    assert composed(UPDATE, "x", config=config).text == "Ours"


def test_a_teams_own_words_are_laid_over_the_shipped_ones(tmp_path: Path) -> None:
    config = own_templates(
        tmp_path, **{"words.toml": '[en]\nread_more = "See:"\n[mt]\nread_more = "Aktar:"\nlocale = "mt"'}
    )
    assert "\nSee: https" in composed(UPDATE, config=config).text
    maltese = composed(UPDATE, config=config, language="mt").text
    assert "\nAktar: https" in maltese
    assert "Deadline: Il-Ġimgħa 29 Mejju 2026, 12:00" in maltese
    assert "Jak" not in composed(UPDATE, config=config, language="cs").text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("[en]\nread_more = 7", "under [en] stands something else than words in quotation marks"),
        ('read_more = "See:"', "under [read_more] stands something else than words in quotation marks"),
        ("[en", "Expected ']' at the end of a table declaration"),
        ('[xx]\nlocale = "qq"', "unknown locale 'qq'"),
    ],
)
def test_a_wrong_words_file_is_an_error_that_names_it(tmp_path: Path, words: str, message: str) -> None:
    config = own_templates(tmp_path, **{"words.toml": words})
    with pytest.raises(RenderError) as error:
        composed(UPDATE, config=config)
    assert str(error.value).startswith(f"{tmp_path}/posts/words.toml: {message}")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("\n{{ stroy.title }}", "_default/update.txt.j2, line 2: 'stroy' is undefined."),
        ("{{ story.titel }}", "_default/update.txt.j2, line 1: 'dict object' has no attribute 'titel'."),
        ("\n\n{% call part('a') %}", "_default/update.txt.j2, line 3: Unexpected end of template."),
        ("{{ part('a') }}", "line 1: "),
        ("{{ 1/0 }}", "_default/update.txt.j2, line 1: division by zero."),
        ("{% include 'gone.j2' %}", "_default/update.txt.j2, line 1: there is no template gone.j2."),
        ("\nHello " * 20, "_default/update.txt.j2: text stands outside a part: “Hello"),
        ("{% call part('a', goes=10) %}a{% endcall %}", 'The part "a" of the template for update has goes=10'),
        (
            "{% call part('a', join='tab') %}a{% endcall %}",
            'The part "a" of the template for update has goes=0 and join="tab"',
        ),
    ],
)
def test_a_wrong_template_is_an_error_that_says_where(tmp_path: Path, template: str, message: str) -> None:
    with pytest.raises(RenderError) as error:
        composed(UPDATE, config=own_templates(tmp_path, _default__update=template))
    assert message in str(error.value)


def test_the_chain_is_every_file_that_shapes_a_text(tmp_path: Path) -> None:
    names = [path.name for path in template_chain(a_config(), "mastodon", "event")]
    parts = ["_occasion.j2", "_lead.j2", "_summary.j2", "_body.j2", "_end.j2"]
    assert names == ["event.txt.j2", *parts, "words.toml"]

    twice = '{% include "_default/_end.j2" %}' * 2
    own = own_templates(tmp_path, mastodon__event=twice, **{"words.toml": ""})
    (tmp_path / "posts/_default").mkdir()
    (tmp_path / "posts/_default/_end.j2").write_text('{% import "_default/_macros.j2" as m %}')
    (tmp_path / "posts/_default/_macros.j2").write_text("")
    assert [
        path.relative_to(tmp_path / "posts").as_posix() for path in template_chain(own, "mastodon", "event")[:3]
    ] == [
        "mastodon/event.txt.j2",
        "_default/_end.j2",
        "_default/_macros.j2",
    ]
    assert template_chain(own, "mastodon", "event")[-1] == tmp_path / "posts" / "words.toml"


def test_a_changed_template_is_seen_without_a_restart(tmp_path: Path) -> None:
    config = own_templates(tmp_path, _default__update='{% call part("t") %}Before{% endcall %}')
    assert composed(UPDATE, config=config).text == "Before"
    own_templates(tmp_path, _default__update='{% call part("t") %}And after{% endcall %}')
    assert composed(UPDATE, config=config).text == "And after"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% include kind ~ '.j2' %}", "a template is included by a computed name"),
        ("{% include 'gone.j2' %}", "there is no template gone.j2"),
        ("{% if %}", "line 1"),
    ],
)
def test_a_chain_that_cannot_be_known_is_an_error(tmp_path: Path, template: str, message: str) -> None:
    config = own_templates(tmp_path, _default__update=template)
    for ask in (template_chain, uses_when):
        with pytest.raises(RenderError, match=message):
            ask(config, "x", "update")


def test_a_text_that_names_its_day_takes_it_from_the_slot_and_says_so(tmp_path: Path) -> None:
    config = own_templates(
        tmp_path,
        _default__update='{% include "_default/_day.j2" %}',
        **{"_default___day.j2": '{% call part("day") %}Today, {{ post.when }}{% endcall %}'},
    )
    assert uses_when(config, "x", "update")
    assert not any(uses_when(a_config(), "x", kind.value) for kind in Kind)
    late = datetime(2026, 5, 4, 22, 30, tzinfo=UTC)  # in Brussels it is the next day already
    assert composed(UPDATE, config=config, due_at=late).text == "Today, Tuesday 5 May 2026"
    with pytest.raises(RenderError, match="has no attribute 'when'"):
        composed(UPDATE, config=config, due_at=None)

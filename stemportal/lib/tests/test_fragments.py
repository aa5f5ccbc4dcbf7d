"""Parts of pages that are drawn once: the right ones for the right values, and never one for another."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils import translation

from stemportal.lib import fragments


class Drawing:
    """Counts how often it is drawn."""

    def __init__(self) -> None:
        self.times = 0

    def __str__(self) -> str:
        self.times += 1
        return f"<{self.times}>"


@pytest.fixture
def drawing():
    return Drawing()


def draw(template: Template, drawing: Drawing, **values) -> str:
    return template.render(Context({"drawing": drawing, **values}))


def test_same_values_are_drawn_once_and_others_anew(drawing):
    template = Template("{% remembered a b %}{{ drawing }}{% endremembered %}")
    assert draw(template, drawing, a=1, b=("x",)) == "&lt;1&gt;"
    assert draw(template, drawing, a=1, b=("x",)) == "&lt;1&gt;"
    assert draw(template, drawing, a=1, b=("y",)) == "&lt;2&gt;"
    assert draw(template, drawing, a="1", b=("x",)) == "&lt;3&gt;"


def test_each_language_has_its_own(drawing):
    template = Template("{% remembered %}{{ drawing }}{% endremembered %}")
    with translation.override("nb"):
        first = draw(template, drawing)
    with translation.override("nn"):
        assert draw(template, drawing) != first
    with translation.override("nb"):
        assert draw(template, drawing) == first


def test_two_parts_with_the_same_values_are_two(drawing):
    part = "{% remembered a %}{{ drawing }}{% endremembered %}"
    assert draw(Template(part + part), drawing, a=1) == "&lt;1&gt;&lt;2&gt;"
    assert draw(Template(part), drawing, a=1) == "&lt;3&gt;"


@pytest.mark.parametrize("values", [{}, {"a": None}, {"a": ["no", "key"]}, {"a": {"no": "key"}}])
def test_without_a_key_nothing_is_kept(drawing, values):
    template = Template("{% remembered a %}{{ drawing }}{% endremembered %}")
    assert draw(template, drawing, **values) != draw(template, drawing, **values)


def test_while_templates_are_worked_on_nothing_is_kept(drawing, settings):
    template = Template("{% remembered %}{{ drawing }}{% endremembered %}")
    settings.DEBUG = True
    assert draw(template, drawing) != draw(template, drawing)


def test_fragments_grow_old_and_are_bounded(drawing, monkeypatch):
    template = Template("{% remembered a %}{{ drawing }}{% endremembered %}")
    monkeypatch.setattr(fragments, "SECONDS", -1)
    assert draw(template, drawing, a=1) != draw(template, drawing, a=1)
    monkeypatch.setattr(fragments, "MOST", 5)
    for number in range(40):
        draw(template, drawing, a=number)
        assert len(fragments.fragments.known) <= 5


def test_what_is_kept_is_not_escaped_twice():
    template = Template("{% remembered a %}<b>{{ a }}</b>{% endremembered %}")
    assert [template.render(Context({"a": "&"})) for _ in range(2)] == ["<b>&amp;</b>"] * 2

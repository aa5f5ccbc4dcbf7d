"""The Designsystemet template pack draws forms that everybody can use."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row, Submit
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_form
from crispy_forms.utils import render_crispy_form
from django import forms
from django.http import HttpResponse
from django.urls import path
from django.utils import translation

from stemportal.lib.widgets import DateInput, HoneypotInput, SpamCheckInput, SwitchInput

pytestmark = pytest.mark.urls("stemportal.lib.tests.test_crispy_pack")
urlpatterns = [path("challenge/", lambda request: HttpResponse(), name="altcha_challenge")]


class Visit(forms.Form):
    title = forms.CharField(max_length=80, help_text="In a few words.")
    number = forms.CharField(max_length=9, required=False)
    text = forms.CharField(widget=forms.Textarea, max_length=600, required=False)
    day = forms.DateField()
    kind = forms.ChoiceField(choices=[("a", "Visit"), ("b", "Film")])
    where = forms.ChoiceField(choices=[("us", "At ours"), ("school", "At school")], widget=forms.RadioSelect)
    subjects = forms.MultipleChoiceField(
        choices=[("m", "Maths"), ("n", "Science")], widget=forms.CheckboxSelectMultiple, required=False
    )
    picture = forms.FileField(required=False)
    instant = forms.BooleanField(required=False, widget=SwitchInput())
    agree = forms.BooleanField()
    trap = forms.CharField(required=False, widget=HoneypotInput())
    key = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def drawn(form: forms.Form) -> str:
    return as_crispy_form(form)


def tag_with(html: str, name: str) -> str:
    """The start tag of the control with that name."""
    start = html.index(f'name="{name}"')
    return html[html.rindex("<", 0, start) : html.index(">", start) + 1]


def test_every_control_has_a_label_that_points_to_it() -> None:
    html = drawn(Visit())
    for name in ("title", "number", "text", "day", "kind", "picture", "instant", "agree"):
        assert f'for="id_{name}"' in html
        assert f'id="id_{name}"' in html
    assert 'for="id_where_0"' in html
    assert 'id="id_where_0"' in html


def test_group_of_choices_is_a_fieldset_with_the_question_as_legend() -> None:
    html = drawn(Visit())
    fieldset = html[html.index('id="div_id_where"') :]
    assert fieldset.index("<legend") < fieldset.index("Where") < fieldset.index('value="us"')


def test_only_optional_fields_are_marked_and_in_words() -> None:
    html = drawn(Visit())
    assert html.count("(optional)") == 4  # number, text, subjects, picture; a single tick box explains itself
    assert "*</" not in html


def test_form_without_required_fields_marks_nothing() -> None:
    class Search(forms.Form):
        words = forms.CharField(required=False)

    assert "(optional)" not in drawn(Search())


def test_help_and_error_are_tied_to_the_control() -> None:
    html = drawn(Visit({"title": ""}))
    control = tag_with(html, "title")
    assert 'aria-describedby="id_title_helptext id_title_error"' in control
    assert 'aria-invalid="true"' in control
    assert 'id="id_title_helptext"' in html
    assert "This field is required." in html[html.index('id="id_title_error"') :]


def test_error_summary_leads_to_the_fields_and_can_take_focus() -> None:
    html = drawn(Visit({"title": ""}))
    summary = html[html.index("<ds-error-summary") : html.index("</ds-error-summary>")]
    assert 'tabindex="-1"' in summary
    assert "autofocus" in summary
    assert 'href="#id_title"' in summary
    assert 'href="#id_where_0"' in summary


def test_error_of_the_whole_form_stands_in_the_summary() -> None:
    form = Visit({})
    form.add_error(None, "The session is full.")
    html = drawn(form)
    assert "The session is full." in html[html.index("<ds-error-summary") : html.index("</ds-error-summary>")]


def test_form_that_is_not_refused_has_no_summary() -> None:
    assert "ds-error-summary" not in drawn(Visit())


def test_what_was_typed_is_kept_and_escaped() -> None:
    html = drawn(Visit({"title": '<script>"', "text": "</textarea><b>", "subjects": ["m"], "where": "us"}))
    assert "<script>" not in html
    assert "</textarea><b>" not in html
    assert "&lt;script&gt;&quot;" in html
    assert "checked" in html[html.index('id="id_subjects_0"') - 200 : html.index('id="id_subjects_0"') + 80]


def test_long_text_is_counted_not_cut() -> None:
    html = drawn(Visit())
    assert "maxlength" not in tag_with(html, "text")
    assert "At most 600 characters" in html
    assert 'data-limit="600"' in html
    assert 'aria-describedby="id_text_limit"' in tag_with(html, "text")


def test_dates_use_the_browsers_own_input() -> None:
    html = drawn(Visit({"day": "2026-03-12"}))
    assert 'type="date"' in tag_with(html, "day")
    assert 'value="2026-03-12"' in tag_with(html, "day")


def test_initial_date_is_iso_in_every_language() -> None:
    class Day(forms.Form):
        day = forms.DateField(widget=DateInput())

    with translation.override("nb"):
        assert 'value="2026-03-12"' in drawn(Day(initial={"day": dt.date(2026, 3, 12)}))


def test_switch_is_announced_as_one() -> None:
    assert 'role="switch"' in tag_with(drawn(Visit()), "instant")


def test_trap_is_out_of_sight_and_reach() -> None:
    html = drawn(Visit())
    assert 'aria-hidden="true"' in html[html.index("p-trap") : html.index("p-trap") + 60]
    assert 'tabindex="-1"' in tag_with(html, "trap")


def test_short_text_gets_a_short_field() -> None:
    assert 'size="9"' in tag_with(drawn(Visit()), "number")


def test_layout_objects_and_buttons_are_drawn() -> None:
    form = Visit()
    form.helper = FormHelper()
    form.helper.layout = Layout(Fieldset("About the visit", "title", Row(Column("day"), Column("kind"))))
    form.helper.add_input(Submit("save", "Save"))
    form.helper.add_input(Submit("draft", "Draft", css_class="secondary"))
    html = render_crispy_form(form)
    assert "<legend" in html
    assert "About the visit" in html
    assert "p-fieldrow" in html
    assert 'name="save"' in html
    assert 'data-variant="secondary"' in html
    assert "novalidate" in html
    assert 'method="post"' in html


def test_file_form_is_sent_as_multipart() -> None:
    form = Visit()
    form.helper = FormHelper()
    assert 'enctype="multipart/form-data"' in render_crispy_form(form)


def test_formset_draws_every_form_and_its_management() -> None:
    html = as_crispy_form(forms.formset_factory(Visit, extra=2)())
    assert 'name="form-TOTAL_FORMS"' in html
    assert 'name="form-1-title"' in html


def test_spam_check_has_no_inline_script_or_style(settings) -> None:
    settings.ALTCHA_CHALLENGE_VIEW = "altcha_challenge"

    class Guarded(forms.Form):
        altcha = forms.CharField(required=False, widget=SpamCheckInput())

    html = drawn(Guarded())
    assert 'challenge="/challenge/"' in html
    assert 'name="altcha"' in html
    assert "<style" not in html
    assert " style=" not in html
    assert "onclick" not in html


def test_nothing_is_drawn_with_inline_style_or_handlers() -> None:
    html = drawn(Visit({"title": ""}))
    assert " style=" not in html
    assert "<style" not in html
    assert " onclick=" not in html
    assert " onchange=" not in html

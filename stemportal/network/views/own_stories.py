"""Telling a story: the person's own ones, writing, pictures, sending, taking back and taking down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.lib.uploads import upload_was_too_large
from stemportal.network.access_stories import may_change, own_photo, own_story, voices_of
from stemportal.network.forms.stories import NewStoryForm, PhotoForm, PhotoWordsForm, StoryForm
from stemportal.network.models import Story
from stemportal.network.queries.stories import own_stories
from stemportal.network.services import stories as services

PAGE_SIZE = 25
REFUSED, TOO_MANY = 422, 429


@require_safe
def my_stories(request: PersonRequest) -> HttpResponse:
    """The person's own stories and those of the person's partners, with what became of them."""
    context = {
        "page_obj": Paginator(own_stories(request.user), PAGE_SIZE).get_page(request.GET.get("page")),
        "may_write": bool(voices_of(request.user)),
    }
    return render(request, "network/stories/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def story_write(request: PersonRequest) -> HttpResponse:
    """Begin a story. ``?for=visit-7`` chooses what it is about; without anything to write about, it says so."""
    voices = voices_of(request.user)
    form = NewStoryForm(
        request.POST if request.method == "POST" else None,
        voices=voices,
        chosen=request.GET.get("for", ""),
        language=request.user.language,
    )
    if request.method == "POST" and voices and form.is_valid():
        try:
            story = services.begin_story(author=request.user, words=form.words, **form.teller.facts)
        except services.StoryRefused as refused:
            form.add_error(None, refused.words)
        else:
            messages.success(
                request, _("Saved as a draft. Add pictures if you have some, and send it when it is ready.")
            )
            return redirect("network:story_own", story.pk)
    context = {"form": form, "voices": voices}
    return render(request, "network/stories/write.html", context, status=REFUSED if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def story_own(request: PersonRequest, pk: int) -> HttpResponse:
    """One's own story: the form while it is being written, else the story as it is shown, and what one can do."""
    story = own_story(request.user, pk, change=request.method == "POST")
    if request.method != "POST":
        return _page(request, story, StoryForm(story=story))
    form = StoryForm(request.POST)
    if not form.is_valid():
        return _page(request, story, form, status=REFUSED)
    sending = request.POST.get("action") == "send"
    try:
        services.change_story(story=story, words=form.words)
        if sending:
            services.send_story(story=story)
    except services.StoryRefused as refused:
        form.add_error(None, refused.words)
        story.refresh_from_db(fields=["status"])
        return _page(request, story, form, status=REFUSED)
    text = _("Thank you! The secretariat reads the story and writes to you when it is published, or with a question.")
    messages.success(request, text if sending else _("Saved."))
    return redirect("network:story_own", pk)


def _page(request: PersonRequest, story: Story, form: StoryForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "story": story,
        "form": form,
        "photos": list(story.photos.all()),
        "photo_form": PhotoForm(),
        "may_change": may_change(request.user, story),
        "most": services.MOST_PHOTOS,
        **more,
    }
    return render(request, "network/stories/own.html", context, status=status)


@require_POST
def story_photos(request: PersonRequest, pk: int) -> HttpResponse:
    """One more picture."""
    story = own_story(request.user, pk, change=True)
    form = PhotoForm(request.POST, request.FILES, too_large=upload_was_too_large(request))
    if not allowed(request, "story_photo", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was many pictures in a short time. Please try again in an hour."))
        return _page(request, story, StoryForm(story=story), status=TOO_MANY, photo_form=form)
    if form.is_valid():
        facts = form.cleaned_data
        try:
            services.add_photo(
                story=story,
                picture=form.picture,
                alt_text=facts["alt_text"],
                photographer=facts["photographer"],
                consent=services.consent_words(),
                by=request.user,
            )
        except services.StoryRefused as refused:
            form.add_error(None, refused.words)
        else:
            messages.success(request, _("The picture is there. The first one stands on top of the story."))
            return redirect("network:story_own", pk)
    return _page(request, story, StoryForm(story=story), status=REFUSED, photo_form=form)


@require_POST
def story_photo_change(request: PersonRequest, pk: int, photo_pk: int) -> HttpResponse:
    """Describe a picture anew, let it stand first, or take it away: the button says which."""
    photo = own_photo(request.user, pk, photo_pk)
    form = PhotoWordsForm(request.POST)
    try:
        match request.POST.get("action"):
            case "remove":
                services.remove_photo(photo=photo)
                messages.success(request, _("The picture has been removed."))
            case "first":
                services.put_first(photo=photo)
            case _:
                if not form.is_valid():
                    story = own_story(request.user, pk)
                    wrong = {"wrong": photo.pk, "described": form}
                    return _page(request, story, StoryForm(story=story), status=REFUSED, **wrong)
                services.describe_photo(photo=photo, **form.cleaned_data)
                messages.success(request, _("Saved."))
    except services.StoryRefused as refused:
        messages.warning(request, refused.words)
    return redirect("network:story_own", pk)


def _act(request: PersonRequest, pk: int, act: Callable[..., None], done: str) -> bool:
    """Do something with one's own story and say what happened. False when it could not be done any more."""
    story = own_story(request.user, pk, change=True)
    try:
        act(story=story)
    except services.StoryRefused as refused:
        messages.warning(request, refused.words)
        return False
    messages.success(request, done)
    return True


@require_POST
def story_take_back(request: PersonRequest, pk: int) -> HttpResponse:
    """Go on writing what was sent."""
    _act(request, pk, services.take_back, _("You can go on writing. Send the story again when it is ready."))
    return redirect("network:story_own", pk)


@require_POST
def story_take_down(request: PersonRequest, pk: int) -> HttpResponse:
    """Take one's own story off the pages."""
    _act(request, pk, services.take_down_own, _("The story is no longer on the pages."))
    return redirect("network:story_own", pk)


@require_POST
def story_delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete one's own story, with its pictures."""
    if _act(request, pk, services.delete_story, _("The story is deleted, with its pictures.")):
        return redirect("network:my_stories")
    return redirect("network:story_own", pk)

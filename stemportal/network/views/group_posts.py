"""The discussion of a working group: threads, answers, and changing what one wrote."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from stemportal.accounts.requests import PersonRequest
from stemportal.lib.ratelimit import allowed
from stemportal.network.access_groups import GroupAccess, group_for, post_in, thread_in
from stemportal.network.forms.groups import TextForm, ThreadForm
from stemportal.network.group_errors import GroupError
from stemportal.network.models import Post
from stemportal.network.queries.groups import answers_of, threads_of
from stemportal.network.services import posts as services
from stemportal.network.views.groups import A_PAGE, REFUSED, TOO_MANY, answer, head_of

NOT_YOURS = gettext_lazy("Only the one who wrote it can do that.")


@require_http_methods(["GET", "HEAD", "POST"])
def posts(request: PersonRequest, slug: str) -> HttpResponse:
    """The threads of a group, and beginning one."""
    access = group_for(request.user, slug, read=True, write=request.method == "POST")
    form, status = ThreadForm(), 200
    if request.method == "POST":
        form = ThreadForm(request.POST)
        post, status = _written(request, access, form)
        if post is not None:
            messages.success(request, _("Your text stands in the group now."))
            return redirect(post)
    page = Paginator(threads_of(access.group), A_PAGE).get_page(request.GET.get("page"))
    context = {**head_of(access, "posts"), "page_obj": page, "form": form}
    return render(request, "network/groups/posts.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """One thread with its answers, and answering."""
    access = group_for(request.user, slug, read=True, write=request.method == "POST")
    begun = thread_in(access, pk)
    form, status = TextForm(), 200
    if request.method == "POST":
        form = TextForm(request.POST)
        post, status = _written(request, access, form, begun)
        if post is not None:
            messages.success(request, _("Your answer stands in the group now."))
            return redirect(page_of(post))
    page = Paginator(answers_of(begun), A_PAGE).get_page(request.GET.get("page"))
    begun_lines = [] if page.number > 1 else [begun]
    context = {
        **head_of(access, "posts"),
        "thread": begun,
        "lines": [_line(access, post) for post in [*begun_lines, *page]],
        "page_obj": page,
        "form": form,
    }
    return render(request, "network/groups/thread.html", context, status=status)


def _line(access: GroupAccess, post: Post) -> Post:
    """The post with what the person may do to it."""
    post.may_change = access.may_change(post)  # type: ignore[attr-defined]
    post.may_remove = access.may_remove(post)  # type: ignore[attr-defined]
    return post


def page_of(post: Post) -> str:
    """Return the address of a post: its thread, and there the page on which it stands."""
    if post.thread_id is None:
        return post.get_absolute_url()
    before = Post.objects.filter(thread=post.thread_id, removed_at=None, at__lte=post.at).exclude(pk=post.pk).count()
    path, _hash, anchor = post.get_absolute_url().partition("#")
    return f"{path}?page={before // A_PAGE + 1}#{anchor}"


def _written(
    request: PersonRequest, access: GroupAccess, form: TextForm, begun: Post | None = None
) -> tuple[Post | None, int]:
    """Write what was typed. Returns the post, or None and the status of the page that says why."""
    if not allowed(request, "group_post", key=f"user:{request.user.pk}"):
        form.add_error(None, _("That was often in a short time. Please try again in an hour."))
        return None, TOO_MANY
    if not form.is_valid():
        return None, REFUSED
    facts = form.cleaned_data
    try:
        post = services.write_post(
            group=access.group,
            by=request.user,
            title=facts.get("title", ""),
            text=facts["text"],
            thread=begun,
            request_key=facts["request_key"],
        )
    except GroupError as error:
        form.add_error(None, error.words)
        return None, REFUSED
    return post, 200


@require_http_methods(["GET", "HEAD", "POST"])
def post_edit(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Change what one wrote."""
    access = group_for(request.user, slug, write=True)
    post = post_in(access, pk)
    if not access.may_change(post):
        raise PermissionDenied(str(NOT_YOURS))
    kind = TextForm if post.thread_id else ThreadForm
    form, status = kind(initial={"title": post.title, "text": post.text}), 200
    if request.method == "POST":
        form, status = kind(request.POST), REFUSED
        if form.is_valid():
            facts = form.cleaned_data
            try:
                services.edit_post(post=post, title=facts.get("title", ""), text=facts["text"])
            except GroupError as error:
                form.add_error(None, error.words)
            else:
                messages.success(request, _("Saved."))
                return redirect(page_of(post))
    form.fields["text"].label = _("Text")
    context = {**head_of(access, "posts"), "post": post, "form": form}
    return render(request, "network/groups/post_edit.html", context, status=status)


@require_POST
def post_remove(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Take a post away: one's own, or as lead or secretariat any."""
    access = group_for(request.user, slug, read=True)
    post = post_in(access, pk)
    if not access.may_remove(post):
        raise PermissionDenied(str(NOT_YOURS))

    def act() -> str:
        services.remove_post(post=post, moderates=access.manages)
        return _("It is taken away.")

    home = reverse("network:posts", args=[slug])
    return answer(request, access, act, to=home if post.thread is None else page_of(post.thread))

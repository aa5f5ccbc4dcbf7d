"""What a mail that went out points at: its pictures, and links that count where the programme counts them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stemportal.lib.stored_files import FOR_A_YEAR, stored_file
from stemportal.newsletters import pictures
from stemportal.newsletters.rendering.links import counts_clicks, link_of
from stemportal.newsletters.tasks import count_click
from stemportal.outbox.services import hand_over

# A story that is taken down takes its picture out of mails within the hour.
FOR_AN_HOUR = "public, max-age=3600"


@login_not_required
@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture that the editor put in, under a name that nobody guesses."""
    block = pictures.block_of(name)
    if block is None:
        raise Http404("no such picture")
    response = stored_file(block.file)
    response["Cache-Control"] = FOR_A_YEAR
    return response


@login_not_required
@require_safe
def card_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture of a card's offer or story, while that is shown to everybody."""
    content = pictures.of_card(pk)
    if content is None:
        raise Http404("no such picture")
    return HttpResponse(
        content,
        content_type=pictures.kind_of(content),
        headers={"Cache-Control": FOR_AN_HOUR, "X-Content-Type-Options": "nosniff"},
    )


@login_not_required
@never_cache
@require_safe
def link(request: HttpRequest, signed: str) -> HttpResponse:
    """Lead on, and have one click counted. The number says nothing about who clicked; programs that look count too."""
    found = link_of(signed)
    if found is None:
        raise Http404("no such link")
    if request.method == "GET" and counts_clicks():
        # In a worker: a hundred thousand readers of one link wait for no row.
        hand_over(lambda: count_click.delay(found.pk), link=found.pk)
    return HttpResponseRedirect(found.url)

"""The portal's addresses and one more: a view that does nothing."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from stemportal.urls import urlpatterns as portal_urlpatterns


@login_not_required
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [path("bench/empty/", empty), *portal_urlpatterns]

"""Pages of the newsletter, below /newsletter/ in each language."""

from django.urls import path

from stemportal.newsletters.views import public

app_name = "newsletters"

urlpatterns = [
    path("", public.subscribe, name="subscribe"),
    path("thanks/", public.subscribed, name="subscribed"),
    path("confirm/<slug:token>/", public.confirm, name="confirm"),
    path("unsubscribe/<slug:token>/", public.unsubscribe, name="unsubscribe"),
    path("resubscribe/<slug:token>/", public.resubscribe, name="resubscribe"),
]

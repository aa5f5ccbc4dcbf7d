"""Pages of the newsletter, below /newsletter/ in each language."""

from django.urls import path

from stemportal.newsletters.views import public

app_name = "newsletters"

urlpatterns = [
    path("", public.subscribe, name="subscribe"),
    path("thanks/", public.subscribed, name="subscribed"),
    path("confirm/<str:token>/", public.confirm, name="confirm"),
    path("unsubscribe/<str:token>/", public.unsubscribe, name="unsubscribe"),
    path("resubscribe/<str:token>/", public.resubscribe, name="resubscribe"),
]

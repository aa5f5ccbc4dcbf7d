"""Pages of the newsletter, below /newsletter/ in each language."""

from django.urls import path

from stemportal.newsletters.views import archive, preferences, public

app_name = "newsletters"

urlpatterns = [
    path("", public.subscribe, name="subscribe"),
    path("archive/", archive.issues, name="archive"),
    path("archive/feed.atom", archive.feed, name="feed"),
    path("archive/<slug:slug>/", archive.issue, name="issue"),
    path("thanks/", public.subscribed, name="subscribed"),
    path("confirm/<slug:token>/", public.confirm, name="confirm"),
    path("unsubscribe/<slug:token>/", public.unsubscribe, name="unsubscribe"),
    path("resubscribe/<slug:token>/", public.resubscribe, name="resubscribe"),
    path("choices/", preferences.mine, name="mine"),
    path("choices/not-now/", preferences.not_now, name="not_now"),
    path("choices/<slug:token>/", preferences.preferences, name="preferences"),
    path("choices/<slug:token>/new-link/", preferences.new_link, name="new_link"),
]

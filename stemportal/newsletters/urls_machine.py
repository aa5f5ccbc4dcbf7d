"""Addresses for mail programs: they stand in the headers of sent mails, so they must never change."""

from django.urls import path

from stemportal.newsletters.views import machine, mail_parts

app_name = "newsletters_machine"

urlpatterns = [
    path("one-click/<slug:token>/", machine.one_click, name="one_click"),
    path("provider/", machine.provider, name="provider"),
    path("picture/<str:name>", mail_parts.picture, name="picture"),
    path("card/<int:pk>.jpg", mail_parts.card_picture, name="card_picture"),
    path("link/<str:signed>/", mail_parts.link, name="link"),
]

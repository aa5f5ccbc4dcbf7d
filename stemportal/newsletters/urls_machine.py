"""Addresses for mail programs: they stand in the headers of sent mails, so they must never change."""

from django.urls import path

from stemportal.newsletters.views import machine

app_name = "newsletters_machine"

urlpatterns = [path("one-click/<slug:token>/", machine.one_click, name="one_click")]

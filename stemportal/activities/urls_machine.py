"""Addresses for mail programs: they stand in the headers of sent mails, so they must never change."""

from django.urls import path

from stemportal.activities.views import saved

app_name = "activities_machine"

urlpatterns = [path("one-click/<slug:token>/", saved.one_click, name="one_click")]

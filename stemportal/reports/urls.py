"""The partner's reports."""

from django.urls import path

from stemportal.reports import views

app_name = "reports"

urlpatterns = [
    path("partner/<int:partner_pk>/reports/", views.partner_reports, name="partner_reports"),
    path("partner/<int:partner_pk>/reports/<int:school_year>/visits/", views.partner_visits, name="partner_visits"),
    path("reports/<int:pk>/", views.download, name="download"),
]

"""The partner's reports."""

from django.urls import path

from stemportal.reports.views import partner

app_name = "reports"

urlpatterns = [
    path("partner/<int:partner_pk>/reports/", partner.partner_reports, name="partner_reports"),
    path("partner/<int:partner_pk>/reports/<slug:slug>/visits/", partner.partner_visits, name="partner_visits"),
    path("reports/<int:pk>/", partner.download, name="download"),
]

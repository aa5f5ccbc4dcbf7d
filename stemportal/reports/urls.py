"""Reports in the partner's room, and the page that confirms them."""

from django.urls import path

from stemportal.reports.views import figures, partner, programme, verify, words

app_name = "reports"

urlpatterns = [
    path("partner/<int:partner_pk>/reports/", partner.partner_reports, name="partner_reports"),
    path("partner/<int:partner_pk>/reports/<slug:slug>/visits/", partner.partner_visits, name="partner_visits"),
    path("partner/<int:partner_pk>/reports/<slug:slug>/", partner.partner_report, name="partner_report"),
    path("partner/<int:partner_pk>/reports/<slug:slug>/figures/", figures.partner_figures_list, name="partner_figures"),
    path("partner/<int:partner_pk>/reports/<slug:slug>/figures/<slug:key>/", figures.figure_rows, name="figure_rows"),
    path("partner/<int:partner_pk>/reports/<slug:slug>/words/", words.partner_words, name="partner_words"),
    path("partner/<int:partner_pk>/reports/logo/<int:year>/<slug:scheme>/<slug:format>/", partner.logo, name="logo"),
    path("reports/files/<int:pk>/", partner.report_file, name="report_file"),
    # The programme's own report, for everybody.
    path("report/", programme.programme, name="programme"),
    path("report/files/<int:pk>/", programme.programme_file, name="programme_file"),
    path("report/<slug:slug>/", programme.programme_year, name="programme_year"),
    # Is it genuine? Printed in the reports, so the address must not change.
    path("verify/", verify.verify, name="verify"),
    path("verify/<str:code>/", verify.verified, name="verified"),
]

"""Every address of the portal. Language prefix except for bokmål; machines' addresses have none."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from stemportal.views import errors, pages, sitemaps

handler500 = errors.server_error

urlpatterns = [
    path("healthz", pages.healthz, name="healthz"),
    path("favicon.ico", pages.favicon),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.sitemap_section, name="sitemap_section"),
    path("api/v1/", include("stemportal.activities.api.urls", namespace="api")),
    path("newsletter/", include("stemportal.newsletters.urls_machine")),
    path("saved-search/", include("stemportal.activities.urls_machine")),
]

urlpatterns += i18n_patterns(
    path("", pages.home, name="home"),
    path("start/", pages.my_start, name="my_start"),
    path("about/", pages.about, name="about"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("contact/", pages.contact, name="contact"),
    path("account/", include("stemportal.accounts.urls")),
    path("account/", include("allauth.urls")),
    path("", include("stemportal.partners.urls")),
    path("", include("stemportal.activities.urls")),
    path("", include("stemportal.schools.urls")),
    path("", include("stemportal.network.urls")),
    path("newsletter/", include("stemportal.newsletters.urls")),
    path("", include("stemportal.reports.urls")),
    path("admin/", admin.site.urls),
    prefix_default_language=False,
)

if settings.DEMO_MODE:
    urlpatterns += [path("demo/", include("stemportal.demo.urls"))]

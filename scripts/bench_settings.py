"""Settings of `make bench`: the portal on throw-away servers, plus an empty view to compare with."""

from stemportal.settings.demo import *  # noqa: F403

ROOT_URLCONF = "scripts.bench_urls"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOGGING = {}

"""Tests: the servers come from stemportal.testing.plugin; only what tests need faster or elsewhere differs."""

import tempfile
from pathlib import Path

from stemportal.settings import env
from stemportal.settings.base import *  # noqa: F403

SECRET_KEY = "test-only-key-test-only-key-test-only-key-test-only-key"  # noqa: S105  # guards nothing
DATABASES = {"default": env.database(env.text("DATABASE_URL"))}
DATABASES["default"]["CONN_MAX_AGE"] = 0
ALLOWED_HOSTS = ["*"]
# A test that looks at the files of its workers names the folder; else each process has one of its own.
MEDIA_ROOT = Path(env.text("TEST_MEDIA_ROOT", "") or tempfile.mkdtemp(prefix="portal-media-"))
DEMO_MODE = True
DEMO_MAIL_DIR = Path(env.text("DEMO_MAIL_DIR", str(MEDIA_ROOT / "mail")))
# One cheap hash instead of a million rounds; passwords in tests are not worth guarding.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILM_HOSTS = ("film.example.no",)
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
LOGGING = {}

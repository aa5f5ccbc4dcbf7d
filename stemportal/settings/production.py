"""Production: everything from the environment, and a refusal to start with anything unsafe."""

from django.core.exceptions import ImproperlyConfigured

from stemportal.settings import env
from stemportal.settings.base import *  # noqa: F403

for _variable in ("DEBUG", "DEMO_MODE"):
    if env.flag(_variable):
        raise ImproperlyConfigured(
            f"{_variable} must not be on in production. `make run` is the place to try the portal."
        )

SECRET_KEY = env.text("SECRET_KEY")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10 or SECRET_KEY.startswith(("django-insecure", "demo-")):
    raise ImproperlyConfigured(
        "SECRET_KEY is too weak for production: use at least 50 random characters, for example from "
        '`python -c "import secrets; print(secrets.token_urlsafe(60))"`.'
    )

DATABASES = {"default": env.database(env.text("DATABASE_URL"))}
env.text("REDIS_URL")  # base has a default for local use; production must say where Valkey is
env.text("EMAIL_HOST")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the portal's host names, separated by commas.")
PORTAL_BASE_URL = env.text("PORTAL_BASE_URL").rstrip("/")
if not PORTAL_BASE_URL.startswith("https://"):
    raise ImproperlyConfigured("PORTAL_BASE_URL must start with https:// in production.")
CSRF_TRUSTED_ORIGINS = [PORTAL_BASE_URL]

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True

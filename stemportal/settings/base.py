"""Settings that every way of running the portal shares. production, demo and test add what differs."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from stemportal.settings import admin_theme, env, feide, logs
from stemportal.settings.newsletters import *  # noqa: F403
from stemportal.settings.schedule import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parents[2]
VAR = Path(env.text("PORTAL_VAR", str(BASE_DIR / "var"))).resolve()

DEBUG = False
DEMO_MODE = False

PORTAL_NAME = env.text("PORTAL_NAME", "stemportal")
PORTAL_BASE_URL = env.text("PORTAL_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
SECRETARIAT_EMAIL = env.text("SECRETARIAT_EMAIL", "sekretariat@stemportal.example.no")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "crispy_forms",
    "django_filters",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "django_prometheus",
    "pgtrigger",
    "pghistory",
    "stemportal.outbox",
    "stemportal.accounts",
    "stemportal.places",
    "stemportal.partners",
    "stemportal.activities",
    "stemportal.schools",
    "stemportal.network",
    "stemportal.newsletters",
    "stemportal.reports",
    "stemportal.demo",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "stemportal.lib.middleware.AdminContentSecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "stemportal.lib.middleware.LoginRequiredMiddleware",
    "stemportal.lib.middleware.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "stemportal.urls"
WSGI_APPLICATION = "stemportal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "stemportal.lib.templatetags.portal",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "stemportal.context.portal",
            ],
        },
    }
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Login: e-mail and a mailed code, or a password; no user names.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# E-mail is unique without regard to case: a constraint on lower(email), which this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my_start"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "stemportal.schools.adapter.TeacherAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# The optional password makes allauth offer one at login; sign-up itself does not ask (schools.forms.signup).
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "fax_number"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_FORMS = {"signup": "stemportal.schools.forms.signup.TeacherSignupForm"}
# Feide, the login of Norwegian schools (OpenID Connect). Its button is there once the portal has a client id.
FEIDE_CLIENT_ID = env.text("FEIDE_CLIENT_ID", "")
FEIDE_ISSUER = env.text("FEIDE_ISSUER", "https://auth.dataporten.no").rstrip("/")
FEIDE_GROUPS_URL = env.text("FEIDE_GROUPS_URL", "https://groups-api.dataporten.no/groups/me/groups")
FEIDE_SCOPES = env.words("FEIDE_SCOPES", "openid,userinfo-name,email,userid-feide,groups-org,groups-edu")
FEIDE_TIMEOUT_SECONDS = 5.0
SOCIALACCOUNT_PROVIDERS = feide.providers(
    FEIDE_CLIENT_ID, secret=env.text("FEIDE_CLIENT_SECRET", ""), issuer=FEIDE_ISSUER, scopes=FEIDE_SCOPES
)
SOCIALACCOUNT_ADAPTER = "stemportal.schools.adapter.FeideAccountAdapter"
# Addresses that Feide knows are often unverified: no account is ever found by one (schools.adapter).
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_VERIFICATION = ACCOUNT_EMAIL_VERIFICATION
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_FORMS = {
    "signup": "stemportal.accounts.forms.FeideSignupForm",
    "disconnect": "stemportal.accounts.forms.DisconnectForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = PORTAL_NAME
# Behind a proxy allauth must know how many hops to trust before it believes X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)

LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", _("Norwegian bokmål")), ("nn", _("Norwegian nynorsk")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Oslo"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR / "media"
# The search index (activities.search): local to a machine, built from PostgreSQL with `manage.py rebuild_search`.
SEARCH_DIR = Path(env.text("SEARCH_DIR", str(VAR / "search"))).resolve()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# No uploaded file is larger than this; forms ask for less (a logo has 5 MB at most).
UPLOAD_MAX_BYTES = 25 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "stemportal.lib.uploads.CappedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CRISPY_ALLOWED_TEMPLATE_PACKS = "designsystemet"
CRISPY_TEMPLATE_PACK = "designsystemet"

# Who changed what is kept for what a form sends; reading a page changes nothing, and must not ask who reads.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# Strict for everybody; the admin's own needs are added for its pages only (lib.middleware).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        # Browsers follow a form to Feide's login only where its host is named.
        "form-action": [SELF, *feide.origins(FEIDE_CLIENT_ID, FEIDE_ISSUER)],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_FAILURE_VIEW = "stemportal.views.errors.csrf_failure"

# Mail: rows in the outbox, sent by a worker over SMTP.
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "127.0.0.1")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"{PORTAL_NAME} <portal@stemportal.example.no>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# A worker that died while sending is given this long before the sweep sends the mail again.
OUTBOX_CLAIM_SECONDS = env.number("OUTBOX_CLAIM_SECONDS", 60)
OUTBOX_MAX_ATTEMPTS = 8

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    # Without it kombu tries to connect for six seconds, for each task; a worker has retries of its own.
    "max_retries": 0,
}
# A request must not hang because Valkey is away: the sweep finds what could not be handed over.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = TIME_ZONE

# The map of offers shows outlines of the counties. With the address of a tile service, such as Kartverket's, its
# pictures lie under them; {z}, {x} and {y} stand for the tile. Visitors' browsers then ask that host.
MAP_TILES_URL = env.text("MAP_TILES_URL", "")
MAP_TILES_ATTRIBUTION = env.text("MAP_TILES_ATTRIBUTION", "© Kartverket")
# News for saved searches must be so old: by then the transaction that wrote it has ended.
SAVED_SEARCH_SETTLE_SECONDS = env.number("SAVED_SEARCH_SETTLE_SECONDS", 120)

# On what terms others may use the open data.
OPEN_DATA_LICENCE = env.text("OPEN_DATA_LICENCE", "Norsk lisens for offentlige data (NLOD) 2.0")
OPEN_DATA_LICENCE_URL = env.text("OPEN_DATA_LICENCE_URL", "https://data.norge.no/nlod/no/2.0")

# Enhetsregisteret (Brønnøysundregistrene, NLOD).
BRREG_BASE_URL = env.text("BRREG_BASE_URL", "https://data.brreg.no/enhetsregisteret/api")
BRREG_TIMEOUT_SECONDS = 3.0
BRREG_CACHE_SECONDS = 24 * 60 * 60
# The nightly comparison of all partners asks no more often than this, all workers together.
BRREG_REQUESTS_PER_SECOND = env.number("BRREG_REQUESTS_PER_SECOND", 5)

# Grep, the register of curricula (Utdanningsdirektoratet, NLOD): read once a month, slowly.
GREP_BASE_URL = env.text("GREP_BASE_URL", "https://data.udir.no/kl06/v201906").rstrip("/")
GREP_TIMEOUT_SECONDS = 20.0
GREP_REQUESTS_PER_SECOND = env.number("GREP_REQUESTS_PER_SECOND", 5)
# Times that a question is asked again when Grep does not answer, and the seconds before the first of them.
GREP_RETRIES = 4
GREP_RETRY_SECONDS = 2.0

# Nasjonalt skoleregister, the National School Register (Utdanningsdirektoratet, NLOD): changes once a week, and once in
# a while all of it. The facts of a school are asked for one by one.
NSR_BASE_URL = env.text("NSR_BASE_URL", "https://data-nsr.udir.no/v4").rstrip("/")
NSR_TIMEOUT_SECONDS = 20.0
NSR_REQUESTS_PER_SECOND = env.number("NSR_REQUESTS_PER_SECOND", 5)
NSR_PAGE_SIZE = 100
NSR_RETRIES = 2
NSR_RETRY_SECONDS = 2.0
NSR_WHOLE_DAYS = env.number("NSR_WHOLE_DAYS", 35)

# Films are shown from YouTube and Vimeo, and from these PeerTube hosts, for example "film.example.no,video.example.no".
FILM_HOSTS = tuple(host.lower() for host in env.words("FILM_HOSTS"))

# Proof of work on public forms (ALTCHA): about how many tries a browser needs, and how long a challenge is good.
ALTCHA_COST = env.number("ALTCHA_COST", 5_000)
ALTCHA_COUNTER = (50, 200)
ALTCHA_EXPIRES_SECONDS = 30 * 60
# The view that answers a browser's widget with a challenge as JSON.
ALTCHA_CHALLENGE_VIEW = "partners:challenge"

# (times, seconds) one visitor may do what mails or costs.
PORTAL_RATE_LIMITS = {
    "nudge": (20, 60 * 60),
    "export": (30, 60 * 60),
    "register": (20, 60 * 60),
    "register_without_proof": (5, 60 * 60),
    "register_lookup": (60, 60 * 60),
    "register_draft": (30, 60 * 60),
    "register_draft_address": (5, 24 * 60 * 60),
    "organisation": (60, 60 * 60),
    "partner_logo": (60, 60 * 60),
    "partner_message": (20, 60 * 60),
    "partner_message_without_proof": (3, 60 * 60),
    "partner_message_address": (5, 60 * 60),
    "partner_message_partner": (40, 60 * 60),
    "invite": (30, 60 * 60),
    "invite_partner": (60, 24 * 60 * 60),
    "data_copy": (10, 24 * 60 * 60),
    "ask": (20, 60 * 60),
    "ask_without_proof": (3, 60 * 60),
    "ask_address": (5, 24 * 60 * 60),
    "offer": (60, 60 * 60),
    "offer_file": (120, 60 * 60),
    "autosave": (1200, 60 * 60),
    "visit_pack": (60, 60 * 60),
    # By browser and film: pressed twice is played once.
    "film_play": (1, 30 * 60),
    "agreement": (60, 60 * 60),
    "subscribe": (20, 60 * 60),
    "subscribe_without_proof": (8, 60 * 60),
    "role_model_ask": (60, 60 * 60),
    "role_model_ask_person": (3, 7 * 24 * 60 * 60),
    "role_model_consent": (120, 60 * 60),
    "school_suggest": (600, 60 * 60),
    "open_data": (120, 60),
    "feed": (120, 60),
    # Everybody who reads a municipality's web site may come from one address.
    "embed": (600, 60),
    "sitemap": (120, 60),
    "book": (60, 60 * 60),
    "attendance_link": (30, 60 * 60),
    # By the class's code, not by who asks: a whole class answers at once, and nobody's address is looked at.
    "pulse": (120, 60),
    "propose_time": (40, 60 * 60),
    "change_group": (60, 60 * 60),
    "grant": (60, 60 * 60),
    "grant_receipt": (30, 60 * 60),
    "booking_message": (60, 60 * 60),
    # A calendar program asks every few minutes at most, from several devices.
    "calendar_feed": (240, 60 * 60),
    "colleagues": (120, 60 * 60),
    "hand_over": (120, 60 * 60),
    "wish": (20, 60 * 60),
    "wish_offer": (60, 60 * 60),
    "meeting_answer": (60, 60 * 60),
    "group_meeting": (20, 24 * 60 * 60),
    "story_photo": (60, 60 * 60),
    "input": (20, 60 * 60),
    "input_support": (120, 60 * 60),
    "group_join": (30, 60 * 60),
    "group_invite": (30, 60 * 60),
    "group_post": (60, 60 * 60),
    "group_document": (60, 60 * 60),
    # Each has reports built anew; by the partner.
    "report_words": (30, 60 * 60),
    # A hall full of people may read the same code from a screen.
    "verify": (300, 60 * 60),
    "verify_file": (30, 60 * 60),
}

# A partner's copy of its data can be fetched for so many days.
DATA_EXPORT_DAYS = 7
# Tables that the secretariat exported are kept for so many days, archives of the whole installation for so many.
EXPORT_DAYS = env.number("EXPORT_DAYS", 7)
ARCHIVE_DAYS = env.number("ARCHIVE_DAYS", 2)
# Names, addresses and logins of a partner's people are kept for so many days after it ended or was declined.
PARTNER_RETENTION_DAYS = env.number("PARTNER_RETENTION_DAYS", 365)

# The needs of a group are kept for so many days after the visit, or after the booking came to nothing.
NEEDS_RETENTION_DAYS = env.number("NEEDS_RETENTION_DAYS", 30)
# What school and partner wrote to each other, with files and mails, is kept for so many days after it.
MESSAGE_RETENTION_DAYS = env.number("MESSAGE_RETENTION_DAYS", 90)
# A mail about new messages waits so long, so that several lines come in one.
MESSAGE_MAIL_DELAY_SECONDS = env.number("MESSAGE_MAIL_DELAY_SECONDS", 180)
# The largest file that goes with a message; not above UPLOAD_MAX_BYTES.
MESSAGE_FILE_MAX_BYTES = env.number("MESSAGE_FILE_MAX_MEGABYTES", 10) * 1024 * 1024

# Dietary needs and names of guests are kept for so many days after a meeting, and who did not come for so many.
MEETING_RETENTION_DAYS = env.number("MEETING_RETENTION_DAYS", 14)
MEETING_ANSWER_DAYS = env.number("MEETING_ANSWER_DAYS", 365)
# The largest file of a meeting; not above UPLOAD_MAX_BYTES.
MEETING_FILE_MAX_BYTES = env.number("MEETING_FILE_MAX_MEGABYTES", 20) * 1024 * 1024

# A request for a visit is to be answered within this many working days.
REPLY_WORKING_DAYS = env.number("REPLY_WORKING_DAYS", 5)
# A school answers a freed place, or another time that the partner offers, within so many. Staff can change both.
PLACE_OFFER_WORKING_DAYS = env.number("PLACE_OFFER_WORKING_DAYS", 2)

# Wishes: how many a teacher may have open, how many partners are told at first and again later, and how many in all.
WISHES_OPEN_AT_MOST = 5
WISH_TELL_PARTNERS = env.number("WISH_TELL_PARTNERS", 5)
WISH_TELL_AT_MOST = 3 * WISH_TELL_PARTNERS
# Working days without an offer until more partners are told, and until the regional coordinator is.
WISH_TELL_MORE_WORKING_DAYS = env.number("WISH_TELL_MORE_WORKING_DAYS", 3)
WISH_HAND_ON_WORKING_DAYS = env.number("WISH_HAND_ON_WORKING_DAYS", 10)
# Who wished, and in which words, is kept for so many days after the weeks that were wished for.
WISH_RETENTION_DAYS = 365
# A story that is not published (any more) is deleted so many days after it was begun, sent in or published.
STORY_RETENTION_DAYS = env.number("STORY_RETENTION_DAYS", 365)

# A colleague who waits for approval is the coordinators' for so many working days, then the secretariat's too.
COLLEAGUE_WORKING_DAYS = env.number("COLLEAGUE_WORKING_DAYS", 2)

# Money for the way to a visit. Roads are about so many per cent of the straight line; a class walks up to so many
# kilometres one way; receipts come within so many days, and are kept for so many full years after that of the payment.
TRANSPORT_ROAD_PERCENT = env.number("TRANSPORT_ROAD_PERCENT", 140)
TRANSPORT_WALK_KM = env.number("TRANSPORT_WALK_KM", 2)
TRANSPORT_RECEIPT_DAYS = env.number("TRANSPORT_RECEIPT_DAYS", 60)
TRANSPORT_RECEIPT_YEARS = env.number("TRANSPORT_RECEIPT_YEARS", 5)

# After a visit the teacher is asked how many came, again after so many days; then it completes without a count.
ATTENDANCE_NUDGE_DAYS = env.number("ATTENDANCE_NUDGE_DAYS", 4)
ATTENDANCE_CLOSE_DAYS = env.number("ATTENDANCE_CLOSE_DAYS", 14)
# The link in those mails is good for so many days.
ATTENDANCE_LINK_DAYS = env.number("ATTENDANCE_LINK_DAYS", 60)

# The largest document of a working group; not above UPLOAD_MAX_BYTES.
GROUP_FILE_MAX_BYTES = env.number("GROUP_FILE_MAX_MEGABYTES", 20) * 1024 * 1024
# What was taken away from a working group can be put back for so many days, then it is deleted.
GROUP_REMOVED_DAYS = env.number("GROUP_REMOVED_DAYS", 30)

# Partners that have sent nothing to a hearing are reminded so many days before it closes.
HEARING_REMIND_DAYS = env.number("HEARING_REMIND_DAYS", 3)

UNFOLD = admin_theme.configure(PORTAL_NAME)

# Figures for Prometheus, one port a process, for example METRICS_PORTS=9101-9110; nothing is exported without it.
if env.text("METRICS_PORTS", ""):
    _first, _last = env.text("METRICS_PORTS").split("-")
    PROMETHEUS_METRICS_EXPORT_PORT_RANGE = range(int(_first), int(_last) + 1)
    PROMETHEUS_METRICS_EXPORT_ADDRESS = env.text("METRICS_ADDRESS", "127.0.0.1")

LOGGING = logs.configure(env.text("LOG_LEVEL", "INFO"))

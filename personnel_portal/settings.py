"""Settings of the portal, all of them from environment variables.

Two modes. `development` (the default, used by `make run` and the tests) needs no variable at all: SQLite, a private
Valkey and mail files below `.var/`, and a secret made on first use. `production` takes everything from the
environment and refuses to start when something is missing or unsafe; the README lists the variables.
"""

import hashlib
import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import django_stubs_ext
import environ
from bootstrap_wrapper import get_bootstrap_dir
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from pylopdf_fonts_zh_tw import sans_path

django_stubs_ext.monkeypatch()

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_PATH = Path(env.str("VAR_PATH", str(BASE_DIR / ".var"))).absolute()

PORTAL_MODE = env.str("PORTAL_MODE", "development")
PRODUCTION = PORTAL_MODE == "production"
if PORTAL_MODE not in ("development", "production"):
    raise ImproperlyConfigured(f"PORTAL_MODE must be development or production, not {PORTAL_MODE!r}.")
DEBUG = env.bool("DEBUG", False)


def _required(name: str) -> str:
    """Return a variable that production must set."""
    value: str = env.str(name, "")
    if not value:
        raise ImproperlyConfigured(f"PORTAL_MODE=production needs the environment variable {name}.")
    return value


def _secret_key() -> str:
    """Return `SECRET_KEY`; in development a key of this checkout, made once and readable by its owner only."""
    if PRODUCTION:
        key = _required("SECRET_KEY")
        if len(key) < 50 or len(set(key)) < 5 or key.startswith("django-insecure-"):
            raise ImproperlyConfigured("SECRET_KEY must be a random text of at least 50 characters.")
        return key
    if key := str(env.str("SECRET_KEY", "")):
        return key
    path = VAR_PATH / "secret_key"
    if not path.exists():
        VAR_PATH.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG must be off when PORTAL_MODE=production.")

SECRET_KEY = _secret_key()
ALLOWED_HOSTS = (
    [host.strip() for host in _required("ALLOWED_HOSTS").split(",")]
    if PRODUCTION
    else env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
)
# The address that mails link to; the first allowed host unless it is said.
PORTAL_URL = env.str("PORTAL_URL", f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]

# --- Apps ------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "personnel_portal.home.admin_site.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "auditlog",
    "personnel_portal.home.apps.LoginProtectionConfig",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "heroicons",
    "import_export",
    "personnel_portal.roc",
    "personnel_portal.trail",
    "personnel_portal.uploads",
    "personnel_portal.documents",
    "personnel_portal.outbox",
    "personnel_portal.downloads",
    "personnel_portal.accounts",
    "districts",
    "personnel_portal.duties",
    "meetings",
    "proposals",
    "training",
    "kpi",
    "awards",
    "personnel_portal.home",
]

# Modules that say which duties exist, each with `duties(on: PlanDay)`; the stream knows no app above it.
DUTY_PROVIDERS = ["districts.duties", "meetings.duties", "proposals.duties", "training.duties", "kpi.duties"]

# How long pages remember duties of which the trail tells nothing new; 0 computes them anew for every page.
DUTIES_REMEMBERED_SECONDS = env.int("DUTIES_REMEMBERED_SECONDS", 60)

# By kind of plan, the modules whose rows go with it when it is cloned, each with `carry_over(source, plan)`; districts
# knows no app above it.
PLAN_PARTS = {
    "liaison": ["awards.actions.rules"],
    "kpi": ["kpi.actions.strategy"],
    "it_use": ["kpi.actions.usage_scores"],
    "work": ["kpi.actions.work_copy"],
    "training": ["training.actions.catalogue"],
}

# Modules that compute with readings of clauses, each with `effect(reading)` and `refuse_unknown(reading)`.
READING_PARTS = ["awards.readings"]

MIDDLEWARE = [
    # First, so that no answer goes without: neither a static file, nor the refusal of a host, nor the way to TLS.
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "personnel_portal.home.middleware.HealthMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "personnel_portal.trail.middleware.OriginMiddleware",
    "personnel_portal.accounts.middleware.IdleMiddleware",
    "personnel_portal.accounts.middleware.LoginMiddleware",
    "personnel_portal.accounts.middleware.ActingMiddleware",
    "personnel_portal.accounts.middleware.PasswordDueMiddleware",
    "personnel_portal.accounts.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "axes.middleware.AxesMiddleware",
    "personnel_portal.home.middleware.WrongMethodMiddleware",
]

ROOT_URLCONF = "personnel_portal.urls"
WSGI_APPLICATION = "personnel_portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "personnel_portal.home.context.navigation",
            ],
            "builtins": ["personnel_portal.roc.templatetags.roc"],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
FORM_RENDERER = "personnel_portal.selects.Renderer"

# --- Data ------------------------------------------------------------------------------------------------------------

DATABASES = {
    "default": env.db_url_config(
        _required("DATABASE_URL")
        if PRODUCTION
        else env.str("DATABASE_URL", f"sqlite:///{quote(str(VAR_PATH / 'portal.sqlite3'))}")
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STORAGE_PATH = Path(_required("STORAGE_PATH") if PRODUCTION else env.str("STORAGE_PATH", str(VAR_PATH / "files")))
STATIC_URL = "static/"
STATIC_ROOT = VAR_PATH / "static"
STATICFILES_DIRS = [
    BASE_DIR / "personnel_portal" / "static",
    ("bootstrap", get_bootstrap_dir()),
    # Sent only to browsers that have no Chinese font of their own (css/fonts.css).
    ("fonts", sans_path().parent),
]
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": STORAGE_PATH}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Uploads: 20 MB a file, several at once; larger ones are refused in one sentence, not by a bare 413.
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", 20 * 1024 * 1024)
UPLOAD_MAX_FILES = env.int("UPLOAD_MAX_FILES", 20)
FILE_UPLOAD_HANDLERS = [
    "personnel_portal.uploads.receiving.Big5NameHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "personnel_portal.uploads.receiving.BoundedUploadHandler",
]
CLAMAV_SOCKET = env.str("CLAMAV_SOCKET", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- Jobs and mail ---------------------------------------------------------------------------------------------------


def _redis_socket(var_path: Path) -> Path:
    """Return where the private Valkey listens: below `var_path`, or in /tmp where that is too long for a socket."""
    path = var_path / "run" / "valkey.sock"
    if len(os.fsencode(path)) <= UNIX_SOCKET_BYTES:
        return path
    mark = hashlib.sha256(os.fsencode(var_path)).hexdigest()[:16]
    return Path("/tmp") / f"portal-{os.geteuid()}-{mark}" / "valkey.sock"  # noqa: S108 - the launcher insists on 0700


# What Linux allows in the address of a unix socket is 107 bytes.
UNIX_SOCKET_BYTES = 107
REDIS_SOCKET = _redis_socket(VAR_PATH)
REDIS_URL = _required("REDIS_URL") if PRODUCTION else env.str("REDIS_URL", f"redis+socket://{quote(str(REDIS_SOCKET))}")

CELERY_BROKER_URL = REDIS_URL
MAIL_KEEP_DAYS = env.int("MAIL_KEEP_DAYS", 365)

EMAIL_CONFIG = env.email_url_config(
    _required("EMAIL_URL") if PRODUCTION else env.str("EMAIL_URL", f"filemail:///{quote(str(VAR_PATH / 'mail'))}")
)
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 20)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "嘉義縣政府人事處 <portal@localhost>")

# --- Accounts --------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home:index"
LOGOUT_REDIRECT_URL = "accounts:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": env.int("PASSWORD_MIN_LENGTH", 12)},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "personnel_portal.accounts.passwords.MixedCharactersValidator"},
    {"NAME": "personnel_portal.accounts.passwords.MinimumAgeValidator"},
    {"NAME": "personnel_portal.accounts.passwords.HistoryValidator"},
]
# 資通系統防護基準 附表十 (level 普, 中): lock, history, age, idle.
PASSWORD_HISTORY = env.int("PASSWORD_HISTORY", 3)
PASSWORD_MAX_AGE = timedelta(days=env.int("PASSWORD_MAX_AGE_DAYS", 180))
PASSWORD_MIN_AGE = timedelta(days=env.int("PASSWORD_MIN_AGE_DAYS", 1))
PASSWORD_RESET_TIMEOUT = env.int("PASSWORD_RESET_SECONDS", 3600)
INVITATION_DAYS = env.int("INVITATION_DAYS", 7)
ACCOUNT_IDLE_DAYS = env.int("ACCOUNT_IDLE_DAYS", 180)
ACCOUNT_REVIEW_DAYS = env.int("ACCOUNT_REVIEW_DAYS", 365)
# Who may stand in for whom follows from postings, which accounts do not know.
DEPUTY_CANDIDATES = "districts.deputies.candidates"
SESSION_COOKIE_AGE = env.int("SESSION_IDLE_SECONDS", 30 * 60)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", 5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOGIN_LOCK_MINUTES", 15))
AXES_RESET_ON_SUCCESS = True
# The account is locked, from wherever the failures come (附表十: 該帳號).
AXES_LOCKOUT_PARAMETERS = ["username"]
# The check fears locks by cookie or browser, which change at will; a user name does not.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_LOCKOUT_CALLABLE = "personnel_portal.accounts.views.locked"
# The time that the page names stays true, however often somebody tries meanwhile.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", 0)

# The trail keeps the checked address; auditlog would believe any X-Forwarded-For.
AUDITLOG_DISABLE_REMOTE_ADDR = True
TRAIL_KEEP_DAYS = env.int("TRAIL_KEEP_DAYS", 730)

# --- Security of the transport ---------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Bootstrap draws its check marks and arrows as data: pictures.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
CSRF_FAILURE_VIEW = "personnel_portal.home.views.front.csrf_failure"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", True)
    SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# --- Language, time, logs --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hant"
LOCALE_PATHS = [BASE_DIR / "personnel_portal" / "locale"]
TIME_ZONE = "Asia/Taipei"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "personnel_portal.logs.OneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"propagate": True, "handlers": []},
        "axes.apps": {"level": "WARNING"},
        "weasyprint": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}

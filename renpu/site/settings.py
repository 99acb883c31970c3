"""Settings of an installation, read once from RENPU_… variables.

RENPU_HOME         folder of all data of this installation (default ./renpu-data); a backup is a copy of it
RENPU_DATABASE     postgresql://user:password@host:port/name, or postgresql:///name?host=/socket/folder
                   (default: SQLite in RENPU_HOME)
RENPU_HOSTS        names under which the office is reached, comma separated (default: any, on a closed network)
RENPU_SECRET_KEY   key of sessions (default: made once and kept in RENPU_HOME/keys/session)
RENPU_CIPHER       intl (AES-256-GCM, SHA-256) or gm (SM4-GCM, SM3)
RENPU_TIME_ZONE    time zone of the census (default Asia/Shanghai)
RENPU_HTTPS        1 when the office is served by HTTPS: cookies are then sent over HTTPS only
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from renpu.platform.keys import session_key

HOME = Path(os.environ.get("RENPU_HOME", "renpu-data")).resolve()
CIPHER = os.environ.get("RENPU_CIPHER", "intl")
ROOT = Path(__file__).resolve().parent.parent
DEBUG = False
ALLOWED_HOSTS = os.environ.get("RENPU_HOSTS", "*").split(",")
SECRET_KEY = os.environ.get("RENPU_SECRET_KEY") or session_key(HOME)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "renpu.platform",
    "renpu.geography",
    "renpu.staff",
    "renpu.registers",
    "renpu.listing",
    "renpu.collection",
    "renpu.editing",
    "renpu.linkage",
    "renpu.coverage",
    "renpu.tracing",
    "renpu.monitoring",
    "renpu.synthetic",
    "renpu.site",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "renpu.site.language.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "renpu.site.partners.PartnersSeeTheirRequests",
    "renpu.site.no_nul.NoNul",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "renpu.site.urls"
WSGI_APPLICATION = "renpu.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "renpu.site.context.office",
            ],
        },
    }
]


def database(address: str) -> dict[str, object]:
    """Django's setting for a postgresql:// address, or for SQLite in RENPU_HOME when it is empty."""
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "renpu.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-262144; "
                "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=20000; "
                "PRAGMA foreign_keys=ON",
            },
        }
    parts = urlsplit(address)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or query.pop("host", ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"prepare_threshold": 3, "server_side_binding": True, **query},
    }


DATABASES = {"default": database(os.environ.get("RENPU_DATABASE", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("RENPU_HTTPS") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("RENPU_TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "site" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 20_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("RENPU_LOG", "WARNING")},
}

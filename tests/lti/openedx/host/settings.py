"""Settings of the host; where it lives and which tool it opens comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path

HOME = Path(os.environ["OPENEDX_HOME"])
ADDRESS = os.environ["OPENEDX_ADDRESS"]
TOOL = os.environ["OPENEDX_TOOL"]

SECRET_KEY = "h" * 50
DEBUG = True  # a fault is told in full to the test that meets it
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "host.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "config_models",
    "rest_framework",
    "django_filters",
    "lti_consumer.apps.LTIConsumerApp",
    "host",
]
MIDDLEWARE = [
    "edx_django_utils.cache.middleware.RequestCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crum.CurrentRequestUserMiddleware",
    "edx_django_utils.cache.middleware.TieredCacheMiddleware",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME / "openedx.sqlite3",
        "OPTIONS": {"timeout": 60, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA synchronous = OFF"},
    }
}
WITHOUT_HISTORY = ("auth", "contenttypes", "sessions", "config_models", "lti_consumer")
MIGRATION_MODULES = dict.fromkeys(WITHOUT_HISTORY)  # tables are made at once, not in all the steps that led to them
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
USE_TZ = True
SESSION_COOKIE_SAMESITE = "None"  # as the block's documentation asks for, so that Deep Linking finds who chose
SESSION_COOKIE_SECURE = True

SERVICE_VARIANT = "lms"
PLATFORM_NAME = "Demo"
LMS_ROOT_URL = LTI_BASE = ADDRESS
LEARNING_MICROFRONTEND_URL = ADDRESS
USAGE_ID_PATTERN = r"(?P<usage_id>[^/]+)"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

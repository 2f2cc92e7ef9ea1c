"""The portal as a WSGI application, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from personnel_portal.charset import as_utf8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "personnel_portal.settings")
application = as_utf8(get_wsgi_application())

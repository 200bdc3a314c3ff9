"""The WSGI application, for `trackline serve` and for any other WSGI server."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trackline.delivery.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from trackline.core.playbook import rulebook

from .database import keep_connections
from .env import load

keep_connections(settings.DATABASES["default"], load().database_pool)
application = get_wsgi_application()
rulebook()  # found and checked before the first request; a fault stops the start and is named

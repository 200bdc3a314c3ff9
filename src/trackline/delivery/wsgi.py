"""The WSGI application, for `trackline serve` and for any other WSGI server."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trackline.delivery.settings")

from django.core.wsgi import get_wsgi_application  # settings must be named first

application = get_wsgi_application()

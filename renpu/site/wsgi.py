"""The server's entry: office pages through Django, device endpoints before its middleware (`renpu.site.devices`)."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "renpu.site.settings")
office = get_wsgi_application()
# The endpoints import models, which exist once the line above has loaded the applications.
application = import_module("renpu.site.devices").around(office)

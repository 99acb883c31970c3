"""The server's entry: office pages through Django, device endpoints before its middleware (`renpu.site.devices`)."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "renpu.site.settings")

from django.core.wsgi import get_wsgi_application

office = get_wsgi_application()

from renpu.site.devices import around  # needs the applications that the line above has loaded

application = around(office)

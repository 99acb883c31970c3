"""The server's entry: office pages through Django, device endpoints before its middleware (`renpu.site.devices`)."""

import gc
import os
import sys
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "renpu.site.settings")
office = get_wsgi_application()
# The endpoints import models, which exist once the line above has loaded the applications.
application = import_module("renpu.site.devices").around(office)

# What is loaded stays; looking through it again and again for garbage costs a sixth of a batch.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
# The writer thread waits for the interpreter's lock after every statement, behind requests that are being decoded.
sys.setswitchinterval(0.0005)

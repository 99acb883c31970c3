from django.apps import AppConfig


class GeographyConfig(AppConfig):
    name = "renpu.geography"
    label = "geography"

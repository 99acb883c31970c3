from django.apps import AppConfig


class CoverageConfig(AppConfig):
    name = "renpu.coverage"
    label = "coverage"

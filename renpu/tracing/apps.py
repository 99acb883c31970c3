from django.apps import AppConfig


class TracingConfig(AppConfig):
    name = "renpu.tracing"
    label = "tracing"

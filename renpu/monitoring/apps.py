from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "renpu.monitoring"
    label = "monitoring"

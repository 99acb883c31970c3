from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "renpu.platform"
    label = "platform"

from django.apps import AppConfig


class SyntheticConfig(AppConfig):
    name = "renpu.synthetic"
    label = "synthetic"

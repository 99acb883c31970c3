from django.apps import AppConfig


class EditingConfig(AppConfig):
    name = "renpu.editing"
    label = "editing"

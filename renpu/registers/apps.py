from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "renpu.registers"
    label = "registers"

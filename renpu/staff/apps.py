from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "renpu.staff"
    label = "staff"

from django.apps import AppConfig


class CoverageConfig(AppConfig):
    name = "renpu.coverage"
    label = "coverage"

    def ready(self):
        from renpu.coverage.destruction import forget
        from renpu.registers.destruction import HOLDERS

        HOLDERS.append(forget)

from django.apps import AppConfig


class CoverageConfig(AppConfig):
    name = "renpu.coverage"
    label = "coverage"

    def ready(self):
        from renpu.platform import panels
        from renpu.registers.holders import HOLDERS

        HOLDERS.append("renpu.coverage.destruction.forget")
        panels.HOUSEHOLD.append("renpu.coverage.panels.work_panel")

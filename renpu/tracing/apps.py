from django.apps import AppConfig


class TracingConfig(AppConfig):
    name = "renpu.tracing"
    label = "tracing"

    def ready(self):
        from renpu.platform import panels
        from renpu.registers.holders import HOLDERS

        HOLDERS.append("renpu.tracing.destruction.forget")
        for room in ("renpu.tracing.panel", "renpu.tracing.call_panel"):
            panels.HOUSEHOLD.append(f"{room}.household_panel")
            panels.WORK_ITEM.append(f"{room}.work_item_panel")

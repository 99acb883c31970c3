from django.apps import AppConfig


class TracingConfig(AppConfig):
    name = "renpu.tracing"
    label = "tracing"

    def ready(self):
        from renpu.platform import panels
        from renpu.registers.destruction import HOLDERS
        from renpu.tracing import call_panel
        from renpu.tracing.destruction import forget
        from renpu.tracing.panel import household_panel, work_item_panel

        HOLDERS.append(forget)
        panels.HOUSEHOLD.append(household_panel)
        panels.HOUSEHOLD.append(call_panel.household_panel)
        panels.WORK_ITEM.append(work_item_panel)
        panels.WORK_ITEM.append(call_panel.work_item_panel)

from django.urls import path

from renpu.collection import views

urlpatterns = [
    path("households/", views.households, name="households"),
    path("devices/", views.staff_and_devices, name="devices"),
    path("devices/pair/<uuid:staff_id>/", views.pair_phone, name="pair-device"),
    path("devices/<uuid:device_id>/revoke/", views.revoke, name="revoke-device"),
    path("devices/block/<str:block_code>/", views.reassign, name="reassign-device-block"),
    path("quarantine/", views.quarantine, name="quarantine"),
    path("quarantine/<uuid:ticket>/", views.handle, name="quarantine-handle"),
]

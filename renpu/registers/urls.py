from django.urls import path

from renpu.registers import views

urlpatterns = [
    path("", views.deliveries, name="deliveries"),
    path("take-in/", views.take_in, name="deliver"),
    path("<uuid:id>/", views.delivery, name="delivery"),
    path("<uuid:id>/accept/", views.accept, name="delivery-accept"),
    path("<uuid:id>/refuse/", views.refuse, name="delivery-refuse"),
]

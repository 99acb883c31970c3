from django.urls import path

from renpu.editing import views

urlpatterns = [
    path("households/<uuid:id>/", views.household, name="household"),
    path("households/<uuid:id>/clear/", views.clear, name="household-clear"),
    path("households/<uuid:id>/settle/", views.settle, name="household-settle"),
    path("households/<uuid:id>/lock/", views.lock, name="household-lock"),
    path("households/<uuid:id>/remove/", views.remove, name="household-remove"),
    path("merge-tasks/", views.merge_tasks, name="merge-tasks"),
    path("merge-tasks/<uuid:id>/", views.merge_task, name="merge-task"),
    path("merge-tasks/<uuid:id>/decide/", views.decide_merge, name="merge-decide"),
]

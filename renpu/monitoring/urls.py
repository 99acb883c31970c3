from django.urls import path

from renpu.monitoring import views

urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("report/", views.report, name="report"),
    path("report/part/", views.report_part, name="report-part"),
    path("report/progress.docx", views.report_file, {"kind": "docx"}, name="report-docx"),
    path("report/progress.json", views.report_file, {"kind": "json"}, name="report-json"),
    path("indicator/<str:code>/", views.indicator, name="indicator"),
]

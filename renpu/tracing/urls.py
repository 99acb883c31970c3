from renpu.tracing import call_urls, case_urls

urlpatterns = [*call_urls.urlpatterns, *case_urls.urlpatterns]

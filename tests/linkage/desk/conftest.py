from tests.site.conftest import _fast_passwords, office  # noqa: F401

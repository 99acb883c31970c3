"""Who gets in, who sees what, and who may do what."""

import pytest
from django.test import Client
from django.urls import reverse

from renpu.collection.models import Device, PairingCode, Quarantine
from renpu.listing.models import Household
from renpu.platform.models import AccessEvent, Role
from tests.site.street import BLOCK, HERE, NEXT, PASSWORD, STREET, THERE

PAGES = ("dashboard", "households", "merge-tasks", "deliveries", "devices", "quarantine", "report", "search", "pairs")
PAGES += ("pairs-work", "pairs-agreement")


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_a_page_without_signing_in(office, page):
    answer = Client().get(reverse(page))
    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", [Role.STREET_OFFICE, Role.SUPERVISOR, Role.ENUMERATOR, Role.INSPECTOR])
def test_each_role_sees_each_page_of_its_own_area(office, page, role):
    office.registered()
    assert office.at(role).get(reverse(page)).status_code == 200


@pytest.mark.parametrize("page", [p for p in PAGES if p != "quarantine"])
def test_another_committee_is_like_one_that_does_not_exist(office, page):
    browser = office.at(Role.SUPERVISOR)
    for code in (THERE, NEXT, STREET, "310199009", "31x", ""):
        status = browser.get(reverse(page), {"area": code}).status_code
        assert status == (200 if code == "" else 404), code


def test_another_committees_household_answers_404(office):
    there = office.registered(block=NEXT)
    browser = office.at(Role.SUPERVISOR)
    assert browser.get(reverse("household", args=[there])).status_code == 404
    assert browser.post(reverse("household-clear", args=[there]), {"purpose": "核对"}).status_code == 404
    assert browser.post(reverse("household-lock", args=[there]), {"locked": "1", "reason": "x"}).status_code == 404
    assert not Household.objects.get(pk=there).locked


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.ENUMERATOR])
def test_who_only_looks_decides_nothing(office, role):
    here = office.registered()
    browser = office.at(role)
    for name, body in (
        ("household-lock", {"locked": "1", "reason": "x"}),
        ("household-remove", {"removed": "1", "reason": "x"}),
        ("household-settle", {"edit-R-001:0": "x"}),
        ("household-clear", {"purpose": "核对"}),
    ):
        assert browser.post(reverse(name, args=[here]), body).status_code == 403, name
    hidden = 403 if role == Role.INSPECTOR else 404  # the staff list of the committee lies outside a block
    assert browser.post(reverse("pair-device", args=[office.staff[0].id])).status_code == hidden
    assert browser.post(reverse("revoke-device", args=[office.device.id])).status_code == hidden
    assert browser.post(reverse("report-part"), {"area": BLOCK, "part": "done", "text": "x"}).status_code == 403
    household = office.household(here)
    assert (household.locked, household.removed) == (False, False)
    assert not AccessEvent.objects.exists()
    assert not PairingCode.objects.exists()


def test_a_supervisor_pairs_revokes_and_gives_a_block_away(office):
    browser = office.at(Role.SUPERVISOR)
    page = browser.post(reverse("pair-device", args=[office.staff[0].id]))
    assert "<svg" in page.text
    assert PairingCode.objects.get().staff == office.staff[0]
    browser.post(reverse("reassign-device-block", args=[BLOCK]), {"staff": office.staff[1].id})
    assert office.device.leases.count() == 0
    answer = browser.post(reverse("reassign-device-block", args=[BLOCK]), {"staff": office.staff[2].id})
    assert answer.status_code == 302
    assert office.staff[2].assignments.count() == 0, "an enumerator of another committee"
    browser.post(reverse("revoke-device", args=[office.device.id]))
    assert Device.objects.get().revoked_at is not None
    assert browser.post(reverse("pair-device", args=[office.staff[2].id])).status_code == 404


def test_quarantine_of_another_committees_device_is_not_shown(office):
    phone = Device.objects.create(census_id=office.census.pk, staff=office.staff[2], paired_at=office.now)
    for n, device in enumerate((office.device, phone)):
        Quarantine.objects.create(
            ticket=device.id,
            device_id=device.id,
            received_at=office.now,
            reason=f"why {n}",
            body=b"",
            sha=bytes([n]) * 32,
        )
    page = office.at(Role.SUPERVISOR).get(reverse("quarantine")).text
    assert "why 0" in page
    assert "why 1" not in page
    handle = reverse("quarantine-handle", args=[phone.id])
    assert office.at(Role.SUPERVISOR).post(handle, {"reason": "x"}).status_code == 404
    office.at().post(handle, {"reason": "重新上传"})
    assert Quarantine.objects.get(pk=phone.id).handled_why == "street_office: 重新上传"


def test_a_password_is_not_guessed_fast(office, settings):
    browser = Client()
    wrong = {"username": Role.SUPERVISOR, "password": "guess"}
    for _ in range(5):
        assert browser.post("/sign-in/", wrong).status_code == 200
    assert browser.post("/sign-in/", wrong).status_code == 429
    right = {"username": Role.SUPERVISOR, "password": PASSWORD}
    assert browser.post("/sign-in/", right).status_code == 429, "also the right one waits"
    assert Client(REMOTE_ADDR="10.0.0.9").post("/sign-in/", right).status_code == 302, "another machine does not"
    other = {"username": Role.STREET_OFFICE, "password": PASSWORD}
    assert browser.post("/sign-in/", other).status_code == 302, "nor another person at the same machine"


def test_somebody_without_a_post_is_told_so(office, django_user_model):
    browser = Client()
    browser.force_login(django_user_model.objects.create_user("new", password=PASSWORD))
    assert "您还没有岗位" in browser.get("/").text
    assert browser.get("/", {"area": HERE}).status_code == 404


def test_the_language_is_chinese_until_another_is_chosen(office):
    browser = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert "用户名" in browser.get("/sign-in/").text
    browser.post(reverse("language"), {"language": "en", "next": "/sign-in/"})
    page = browser.get("/sign-in/").text
    assert "User name" in page
    assert "用户名" not in page


def test_pages_allow_no_script_but_their_own(office):
    page = office.at().get("/")
    assert "script-src 'self';" in page["Content-Security-Policy"] + ";"
    assert "<script>" not in page.text
    assert " onclick=" not in page.text

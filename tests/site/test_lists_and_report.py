"""Register deliveries and the progress report, as the office sees them."""

import io
import zipfile
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from renpu.monitoring.indicators import BY_CODE
from renpu.platform.models import Role
from renpu.registers.models import Delivery
from tests.registers.make_samples import clean_lines
from tests.site.street import HERE, STREET, THERE


def upload(browser, lines, name="名单.csv", area=STREET):
    file = SimpleUploadedFile(name, "\n".join(lines).encode("gb18030") + b"\n")
    return browser.post(reverse("deliver"), {"area": area, "source": "police", "file": file})


@pytest.fixture
def lines():
    return clean_lines(6)


def test_a_list_is_taken_in_accepted_and_compared(office, lines, home):
    browser = office.at()
    upload(browser, lines)
    first = Delivery.objects.get()
    page = browser.get(reverse("delivery", args=[first.pk]), {"show": "all"}).text
    assert first.rows_read == 6
    assert page.count('<th scope="row" class="n">') >= 6
    assert not [f for f in (home / "files").rglob("*") if f.is_file()], "the file itself is not kept"
    browser.post(reverse("delivery-accept", args=[first.pk]))
    upload(browser, lines[:-1], "第二次.csv")
    second = Delivery.objects.exclude(pk=first.pk).get()
    page = browser.get(reverse("delivery", args=[second.pk]), {"show": "gone"}).text
    assert "名单.csv" in page
    browser.post(reverse("delivery-refuse", args=[second.pk]), {"reason": ""})
    assert Delivery.objects.get(pk=second.pk).state == "received"
    browser.post(reverse("delivery-refuse", args=[second.pk]), {"reason": "少一行"})
    assert Delivery.objects.get(pk=second.pk).state == "refused"
    told = upload(browser, lines)
    assert told.url == reverse("delivery", args=[first.pk]), "the same file is not loaded again"


def test_names_of_a_list_are_masked_and_problems_are_told_by_row(office, lines):
    browser = office.at()
    name, number = lines[2].split(",")[1], lines[2].split(",")[4]
    broken = [*lines[:3], lines[3].replace("男", "未知").replace("女", "未知"), *lines[4:]]
    upload(browser, broken)
    delivery = Delivery.objects.get()
    page = browser.get(reverse("delivery", args=[delivery.pk])).text
    assert "不是性别" in page
    everything = browser.get(reverse("delivery", args=[delivery.pk]), {"show": "all"}).text
    assert f"{name[0]}**" in everything
    assert name not in everything
    assert number not in everything


def test_only_the_street_takes_lists_in_and_others_see_their_own(office, lines):
    for role in (Role.SUPERVISOR, Role.INSPECTOR, Role.ENUMERATOR):
        area = {Role.SUPERVISOR: HERE, Role.INSPECTOR: STREET}.get(role, HERE + "001")
        assert upload(office.at(role), lines, area=area).status_code == 403
    assert upload(office.at(Role.SUPERVISOR), lines, area=THERE).status_code == 404
    upload(office.at(), lines)
    of_street = Delivery.objects.get()
    assert office.at(Role.SUPERVISOR).get(reverse("delivery", args=[of_street.pk])).status_code == 404
    assert office.at(Role.INSPECTOR).get(reverse("delivery", args=[of_street.pk])).status_code == 200
    assert office.at(Role.INSPECTOR).post(reverse("delivery-accept", args=[of_street.pk])).status_code == 403


def test_every_number_of_the_report_leads_to_its_rows(office):
    office.registered()
    browser = office.at()
    page = browser.get(reverse("report"), {"as_of": "2020-11-03T18:00:00"})
    links = {
        part.split('"')[0].replace("&amp;", "&") for part in page.text.split('href="')[1:] if "/indicator/" in part[:14]
    }
    assert len(links) > 10
    for link in links:
        assert f"as_of={quote('2020-11-03T18:00:00')}" in link
        assert browser.get(link).status_code == 200, link
    assert browser.get(reverse("report"), {"as_of": "yesterday"}).status_code == 404
    assert browser.get(reverse("indicator", args=["S99"])).status_code == 404


@pytest.mark.parametrize("code", list(BY_CODE))
def test_every_indicator_has_a_page_with_as_many_rows_as_it_counts(office, code):
    office.registered("001")
    office.line("002")
    page = office.at().get(reverse("indicator", args=[code]))
    assert page.status_code == 200
    assert BY_CODE[code].definition_zh in page.text


def test_the_report_is_had_as_document_and_as_numbers(office):
    office.registered()
    browser = office.at()
    document = browser.get(reverse("report-docx"), {"area": HERE})
    assert zipfile.ZipFile(io.BytesIO(document.content)).testzip() is None
    assert quote("东居委会") in document["Content-Disposition"]
    numbers = browser.get(reverse("report-json"), {"area": HERE, "as_of": "2020-11-03T18:00:00"}).json()
    assert (numbers["area"], numbers["name"], numbers["slots"]["S11"]) == (HERE, "东居委会", 1)


def test_a_free_part_is_written_by_the_office_and_figures_stay_figures(office):
    office.registered()
    browser = office.at()
    body = {"area": STREET, "as_of": "2020-11-03T18:00:00", "part": "done", "text": "已录入{S11}户。<i>"}
    browser.post(reverse("report-part"), body)
    page = browser.get(reverse("report"), {"as_of": "2020-11-03T18:00:00"}).text
    assert "已录入<a" in page
    assert "&lt;i&gt;" in page
    told = browser.post(reverse("report-part"), {**body, "text": "{S99}"}, follow=True).text
    assert "不是汇报中的数字" in told
    assert browser.post(reverse("report-part"), {**body, "area": THERE + "9"}).status_code == 404

"""A file that fits no register: its columns are guessed, named by a clerk, and known again the next time."""

import io
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from renpu.platform.models import Role
from renpu.registers import guessing, mapping
from renpu.registers.models import Delivery, RegisterMapping, RegisterRow, WaitingFile
from renpu.registers.problems import RegisterRefused
from renpu.registers.sources import SOURCES, find
from tests.registers import awkward_old
from tests.registers.make_samples import number
from tests.site.street import HERE, STREET, THERE

NOW = datetime(2020, 11, 2, tzinfo=UTC)
HEAD = "人员序列,所属人,人员代码,落户处,何日出生,联络号"
PEOPLE = (
    ("张建国", number("19591208", 7), "唐山路1弄2号301室", "1959-12-08", "12512345678"),
    ("李秀英", number("19620304", 8), "唐山路1弄2号302室", "1962-03-04", "12512345679"),
    ("王小明", number("19900506", 9), "唐山路1弄2号303室", "1990-05-06", "12512345670"),
)


def content(people=PEOPLE, head=HEAD, title="某某派出所人员清单") -> bytes:
    lines = [title + "," * head.count(","), head]
    lines += [",".join((f"R{n}", *person)) for n, person in enumerate(people, 1)]
    return ("\n".join(lines) + "\n").encode("gb18030")


def written(folder: Path, name: str = "list.csv", **how) -> Path:
    path = folder / name
    path.write_bytes(content(**how))
    return path


def upload(name: str = "list.csv", source: str = "", **how) -> dict:
    return {"area": STREET, "source": source, "file": SimpleUploadedFile(name, content(**how))}


def test_columns_are_guessed_by_what_they_hold(tmp_path):
    sketch = guessing.sketch(written(tmp_path))
    assert sketch.header_row == 2
    assert [field.looks for field in sketch.fields] == ["", "name", "id", "address", "date", "phone"]
    named = guessing.guess(find("police"), sketch.fields)
    assert {named[title] for title in ("所属人", "人员代码", "落户处", "何日出生", "联络号")} <= {
        "name", "id", "address", "birth", "phone", "moved_in",
    }  # fmt: skip
    assert (named["所属人"], named["人员代码"], named["联络号"]) == ("name", "id", "phone")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_file_with_the_usual_titles_is_guessed_whole(source):
    fields = [guessing.Field(column.header, (), "") for column in source.columns if column.kind != "unkept"]
    named = guessing.guess(source, fields)
    assert named == {column.header: column.name for column in source.columns if column.kind != "unkept"}
    assert not guessing.missing(source, named)


@given(st.permutations(HEAD.split(",")))
def test_a_header_is_known_in_any_order_and_spacing(titles):
    assert guessing.fingerprint(titles) == guessing.fingerprint([f" {title}*\n" for title in HEAD.split(",")])
    assert guessing.fingerprint(titles) != guessing.fingerprint(titles[1:])


def test_what_is_shown_of_a_file_is_masked(tmp_path):
    sketch = guessing.sketch(written(tmp_path))
    shown = "".join(value for field in sketch.fields for value in field.shown())
    assert "张**" in shown
    for name, identity, _, birth, phone in PEOPLE:
        assert not any(value in shown for value in (name, identity, birth, phone))


def test_an_unknown_file_waits_sealed_is_mapped_and_known_the_next_time(office, settings):
    browser = office.at()
    answer = browser.post(reverse("deliver"), upload())
    waiting = WaitingFile.objects.get()
    assert answer.url == reverse("delivery-mapping", args=[waiting.pk])
    held = (settings.HOME / "files" / "waiting" / waiting.pk.hex).read_bytes()
    assert PEOPLE[0][1].encode() not in held
    page = browser.get(answer.url).content.decode()
    assert "张**" in page
    assert PEOPLE[0][0] not in page
    said = {"source": "police", "header": "2", "name": "派出所清单", "do": "save", "column-1": "name"}
    refused = browser.post(answer.url, said).content.decode()
    assert "公民身份号码" in refused
    assert not Delivery.objects.exists()
    said |= {"column-2": "id", "column-3": "address", "column-4": "birth", "column-5": "phone"}
    taken = browser.post(answer.url, said)
    delivery = Delivery.objects.get()
    assert taken.url == reverse("delivery", args=[delivery.pk])
    assert (delivery.source, delivery.rows_kept) == ("police", 3)
    assert list(RegisterRow.objects.order_by("number").values_list("birth", flat=True)) == [p[3] for p in PEOPLE]
    assert not WaitingFile.objects.exists()
    assert not (settings.HOME / "files" / "waiting" / waiting.pk.hex).exists()
    later = (*PEOPLE, ("赵雨", number("19990101", 3), "唐山路1弄2号304室", "1999-01-01", ""))
    again = browser.post(reverse("deliver"), upload("november.csv", people=later))
    second = Delivery.objects.get(file_name="november.csv")
    assert again.url == reverse("delivery", args=[second.pk])
    assert second.rows_kept == 4
    assert RegisterMapping.objects.get().used == 2


def test_a_mapping_is_used_by_load_for_its_street_alone(office, tmp_path, capsys):
    path = written(tmp_path)
    named = {"所属人": "name", "人员代码": "id", "落户处": "address"}
    titles = HEAD.split(",")
    user = office.users[Role.STREET_OFFICE]
    mapping.save(area=STREET, name="清单", source=find("police"), columns=named, titles=titles, at=NOW, by=user)
    call_command("load", "auto", str(path), area=HERE, stdout=io.StringIO(), stderr=io.StringIO())
    assert Delivery.objects.get().rows_kept == 3
    row = RegisterRow.objects.order_by("number").first()
    assert (row.address, row.phone_sealed) == ("唐山路1弄2号301室", None)
    assert mapping.known(path, THERE) is not None
    assert mapping.known(path, "310199002") is None
    other = written(tmp_path, "other.csv", head=HEAD.replace("所属人", "何人"))
    assert mapping.known(other, STREET) is None


def test_a_file_that_fits_is_not_mapped(office):
    lines = "户号,姓名,性别,出生日期,公民身份号码,住址"
    file = SimpleUploadedFile("p.csv", f"{lines}\n1,张三,男,19591208,{number('19591208', 7)},唐山路1号\n".encode())
    office.at().post(reverse("deliver"), {"area": STREET, "source": "", "file": file})
    assert Delivery.objects.get().source == "police"
    assert not WaitingFile.objects.exists()


def test_a_mapping_is_changed_and_forgotten(office):
    user = office.users[Role.STREET_OFFICE]
    one = mapping.save(
        area=STREET, name="清单", source=find("police"), columns={"所属人": "name", "人员代码": "id"},
        titles=HEAD.split(","), at=NOW, by=user,
    )  # fmt: skip
    browser = office.at()
    url = reverse("delivery-mapping-edit", args=[one.pk])
    assert "清单" in browser.get(reverse("delivery-mappings")).content.decode()
    browser.post(url, {"name": "新名", "column-1": "name"})
    one.refresh_from_db()
    assert one.name == "清单"
    browser.post(url, {"name": "新名", "column-1": "name", "column-2": "id", "column-3": "address"})
    one.refresh_from_db()
    assert (one.name, one.columns) == ("新名", {"name": "所属人", "id": "人员代码", "address": "落户处"})
    assert office.at(Role.INSPECTOR).post(reverse("delivery-mapping-forget", args=[one.pk])).status_code == 403
    browser.post(reverse("delivery-mapping-forget", args=[one.pk]))
    assert not RegisterMapping.objects.exists()


def test_problems_of_a_mapping_come_all_at_once(office):
    named = {"所属人": "phone", "联络号": "phone"}
    told = mapping.problems_of(find("police"), named)
    assert len(told) == 4  # name and number are needed, the telephone is named twice, one column alone is no header
    with pytest.raises(RegisterRefused):
        mapping.save(
            area=STREET, name="", source=find("police"), columns=named, titles=[], at=NOW,
            by=office.users[Role.STREET_OFFICE],
        )  # fmt: skip


def test_a_file_waits_one_day(office, tmp_path, settings):
    user = office.users[Role.STREET_OFFICE]
    now = timezone.now()
    one = mapping.wait(written(tmp_path), area=STREET, at=now - mapping.WAITS * 1.1, by=user, source=None)
    mapping.wait(written(tmp_path), area=STREET, at=now, by=user, source=None)
    assert office.at().get(reverse("delivery-mappings")).content.decode().count("list.csv") == 1
    with pytest.raises(RegisterRefused, match="只保留一天"), mapping.opened(one):
        pass
    assert not WaitingFile.objects.filter(pk=one.pk).exists()
    browser = office.at()
    left = WaitingFile.objects.get()
    assert office.at(Role.INSPECTOR).get(reverse("delivery-mapping", args=[left.pk])).status_code == 403
    browser.post(reverse("delivery-file-drop", args=[left.pk]))
    assert not WaitingFile.objects.exists()
    assert not list((settings.HOME / "files" / "waiting").iterdir())


def test_a_file_without_a_table_is_not_kept(office):
    file = SimpleUploadedFile("letter.txt", "只有一行字\n".encode())
    office.at().post(reverse("deliver"), {"area": STREET, "source": "", "file": file})
    assert not WaitingFile.objects.exists()
    assert not Delivery.objects.exists()


def test_a_file_that_cannot_be_opened_says_why_though_no_register_was_named(office, tmp_path):
    locked = awkward_old.compound("EncryptedPackage", bytes(6000))
    file = SimpleUploadedFile("list.xlsx", locked)
    browser = office.at()
    page = browser.post(reverse("deliver"), {"area": STREET, "source": "", "file": file}, follow=True)
    assert "设有密码" in page.content.decode()
    assert not WaitingFile.objects.exists()
    (tmp_path / "list.xlsx").write_bytes(locked)
    with pytest.raises(CommandError, match="密码"):
        call_command("load", "auto", str(tmp_path / "list.xlsx"), dry_run=True)
    (tmp_path / "cut.xls").write_text("<table><tr><td>姓名</td><td>住址</td></tr><tr><td>张", encoding="utf-8")
    assert "报送单位" in mapping.unread(tmp_path / "cut.xls")


def test_a_cell_without_end_does_not_hold_the_sketch_up(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("甲,乙\n" + "路1号" * 300_000 + ",1\n", encoding="utf-8")
    assert [field.title for field in guessing.sketch(path).fields] == ["甲", "乙"]


def test_what_a_killed_server_left_of_an_upload_is_dropped(office, settings):
    left, running = (settings.HOME / "files" / name for name in ("upload-old", "upload-new"))
    for folder in (left, running):
        folder.mkdir(parents=True)
        (folder / "list.csv").write_text("张三", encoding="utf-8")
    now = timezone.now()
    long_ago = (now - mapping.WAITS * 2).timestamp()
    os.utime(left, (long_ago, long_ago))
    mapping.drop_old(now)
    assert not left.exists()
    assert running.exists()
    shutil.rmtree(running)

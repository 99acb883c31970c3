"""Deliveries are destroyed on schedule: the rows are gone for good, the record and its certificate stay."""

import io
import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection

from renpu.geography.models import Area
from renpu.linkage.models import Link, LinkDecision, row_key
from renpu.platform.documents import text_of
from renpu.platform.models import Census
from renpu.registers import actions, certificate, destruction, queries
from renpu.registers.models import Delivery, DeliveryStep, OpenAddress, PlacedCount, RegisterRow
from renpu.registers.problems import RegisterRefused
from renpu.registers.sources import find
from tests.registers.make_samples import clean_lines

SAMPLES = Path(__file__).parent / "samples" / "street"
OCTOBER, LATER = datetime(2020, 10, 8, tzinfo=UTC), datetime(2021, 11, 3, 2, tzinfo=UTC)
STREET = "310109018"

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery():
    Area.objects.bulk_create(
        Area(code=code, name=name) for code, name in ((STREET, "北外滩街道"), ("310109018033", "久耕居委会"))
    )
    Census.objects.create(code="main", name="普查", t0=datetime(2020, 11, 1, tzinfo=UTC), area_code=STREET)
    delivery = actions.stage(SAMPLES / "hukou_all.csv", find("police"), area=STREET, at=OCTOBER)
    actions.accept(delivery, at=OCTOBER)
    return delivery


@pytest.fixture
def clerk():
    return get_user_model().objects.create_user("clerk", is_superuser=True)


def test_rows_go_and_the_record_stays(delivery, clerk):
    rows, totals = delivery.rows_read, queries.police_totals(STREET)
    part = queries.police_totals("310109018033")
    row = RegisterRow.objects.filter(delivery=delivery).first()
    link = Link.objects.create(
        id=row.delivery_id, census_id=1, area_code=STREET, left=f"line:{'0' * 32}:1", right=row_key(row.pk),
        probability=0.9, status="linked", reason="",
    )  # fmt: skip
    LinkDecision.objects.create(link=link, at=OCTOBER, by="clerk", status="linked")
    destruction.destroy([delivery], at=LATER, by=clerk, witness="周敏")
    assert not RegisterRow.objects.filter(delivery=delivery).exists()
    assert not OpenAddress.objects.exists()
    assert not PlacedCount.objects.exists()
    assert not Link.objects.exists()
    delivery.refresh_from_db()
    assert delivery.destruction["rows"] == rows
    assert delivery.destruction["held"] == {"link_linked": 1}
    assert not any(one["first"] for one in delivery.problems.values())
    assert delivery.steps.get(did=DeliveryStep.Did.DESTROYED).rows == rows
    assert queries.police_totals(STREET) == totals
    assert queries.police_totals("310109018033") == part


def test_destruction_is_refused_without_a_witness_and_a_second_time(delivery, clerk):
    with pytest.raises(RegisterRefused, match="监销人"):
        destruction.destroy([delivery], at=LATER, by=clerk, witness=" ")
    assert RegisterRow.objects.filter(delivery=delivery).exists()
    destruction.destroy([delivery], at=LATER, by=clerk, witness="周敏")
    with pytest.raises(RegisterRefused, match="已于 2021-11-03 销毁"):
        destruction.destroy([delivery], at=LATER, by=clerk, witness="周敏")


def test_a_delivery_is_due_when_its_days_after_the_reference_moment_are_over(delivery, clerk):
    assert delivery.keep_until == date(2021, 11, 1)
    assert not destruction.due(date(2021, 11, 1)).exists()
    assert destruction.due(date(2021, 11, 2)).get() == delivery
    destruction.keep(delivery, date(2022, 3, 1), at=LATER, by=clerk, why="复议未结")
    assert not destruction.due(date(2021, 11, 2)).exists()
    with pytest.raises(RegisterRefused, match="不是今后的日期"):
        destruction.keep(delivery, date(2021, 1, 1), at=LATER, by=clerk, why="早些")
    with pytest.raises(RegisterRefused, match="理由"):
        destruction.keep(delivery, date(2022, 5, 1), at=LATER, by=clerk, why=" ")


def test_the_command_destroys_what_is_due_and_asks_twice(delivery, monkeypatch, tmp_path):
    def run(*answers, **options):
        said = iter(answers)
        monkeypatch.setattr("builtins.input", lambda _: next(said))
        out = io.StringIO()
        call_command("destroy-registers", due=True, witness="周敏", stdout=out, **options)
        return out.getvalue()

    assert "没有到期" in run(on="2021-11-01")
    with pytest.raises(CommandError, match="未销毁"):
        run("no", on="2021-11-02")
    with pytest.raises(CommandError, match="未销毁"):
        run("yes", "12", on="2021-11-02")
    assert RegisterRow.objects.exists()
    with pytest.raises(CommandError, match="rewrite"):  # a test is one transaction: the store cannot be written anew
        run("yes", str(delivery.rows_read), on="2021-11-02", certificates=tmp_path)
    assert not RegisterRow.objects.exists()
    assert [path.suffix for path in tmp_path.iterdir()] == [".docx"]


def test_the_certificate_says_what_was_destroyed_by_whom_and_how(delivery, clerk):
    with pytest.raises(ValueError, match="not destroyed"):
        certificate.certificate(delivery)
    destruction.destroy([delivery], at=LATER, by=clerk, witness="周敏")
    told = dict(certificate.certificate(delivery).lines)
    assert told["文件校验值"] == f"SHA-256 {delivery.sha256}"
    assert told["销毁行数"].startswith(f"{delivery.rows_read:,} 行")
    assert (told["销毁人"], told["监销人"]) == ("clerk", "周敏")
    assert told["销毁时间"] == "2021年11月3日 10:00:00"
    delivery.destruction |= {"method": destruction.OVERWRITTEN, "held": {"link_linked": 2, "link_unsure": 1}}
    text = text_of(certificate.document(delivery))
    for part in (certificate.TITLE, delivery.sha256, "监销人 | 周敏", "VACUUM", "比对关系 3 条", certificate.LIMITS):
        assert part in text


@pytest.mark.django_db(transaction=True)
def test_the_store_is_written_anew(delivery, clerk):
    method = destruction.destroy([delivery], at=LATER, by=clerk, witness="周敏")
    assert method == (destruction.REWRITTEN if connection.vendor == "postgresql" else destruction.OVERWRITTEN)
    delivery.refresh_from_db()
    assert delivery.destruction["method"] == method
    assert dict(certificate.certificate(delivery).lines)["销毁方式"] == certificate.METHODS[method]


def test_a_store_that_was_in_use_is_written_anew_later(delivery, clerk):
    destruction.destroy([delivery], at=LATER, by=clerk, witness="周敏")
    assert delivery.destruction["method"] == destruction.DELETED
    destruction.rewritten(destruction.OVERWRITTEN)
    delivery.refresh_from_db()
    assert delivery.destruction["method"] == destruction.OVERWRITTEN


INSTALL = """
from datetime import datetime, UTC
from pathlib import Path
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
from renpu.geography.models import Area
from renpu.registers import actions, destruction
from renpu.registers.models import RegisterRow
from renpu.registers.sources import find
Area.objects.create(code="310109018", name="北外滩街道")
at = datetime(2020, 10, 8, tzinfo=UTC)
delivery = actions.stage(Path(SAMPLE), find("police"), area="310109018", at=at)
actions.accept(delivery, at=at)
sealed = [bytes(row.name_sealed).hex() for row in RegisterRow.objects.order_by("pk")[:200] if row.name_sealed]
addresses = list(RegisterRow.objects.values_list("address", flat=True).distinct()[:200])
with connection.cursor() as cursor:
    cursor.execute("pragma wal_checkpoint(truncate)")
if DESTROY:
    method = destruction.destroy([delivery], at=at, by=None, witness="周敏")
else:
    method = ""
"""


@pytest.mark.skipif(os.environ.get("RENPU_DATABASE", "").startswith("postgres"), reason="about the file of SQLite")
@pytest.mark.parametrize("destroy", [False, True])
def test_no_byte_of_the_rows_is_left_in_the_database_file(tmp_path, destroy):
    source = (
        "import django, json; django.setup()\n"
        f"SAMPLE, DESTROY = {str(SAMPLES / 'hukou_all.csv')!r}, {destroy}\n{INSTALL}\n"
        "print(json.dumps([method, sealed, addresses]))"
    )
    env = {**os.environ, "RENPU_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "renpu.site.settings"}
    done = subprocess.run([sys.executable, "-c", source], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    method, sealed, addresses = json.loads(done.stdout.splitlines()[-1])
    held = b"".join(path.read_bytes() for path in tmp_path.glob("renpu.sqlite3*"))
    left = [one for one in sealed if bytes.fromhex(one) in held] + [one for one in addresses if one.encode() in held]
    assert bool(left) is not destroy
    assert method == ("overwritten" if destroy else "")


def test_a_list_whose_rows_are_gone_becomes_no_valid_list(delivery, clerk, tmp_path):
    path = tmp_path / "waiting.csv"
    path.write_text("\n".join(clean_lines(5)) + "\n", encoding="utf-8")
    waiting = actions.stage(path, find("police"), area=STREET, at=LATER)
    destruction.destroy([waiting], at=LATER, by=clerk, witness="周敏")
    with pytest.raises(RegisterRefused, match="2021-11-03"):
        actions.accept(waiting, at=LATER)
    delivery.refresh_from_db()
    assert delivery.state == "accepted"


def test_addresses_that_are_looked_up_while_a_list_is_destroyed_do_not_come_back(delivery, clerk):
    def destroyed(rows: int) -> None:
        destruction.destroy([delivery], at=LATER, by=clerk, witness="周敏")

    with pytest.raises(RegisterRefused, match="2021-11-03"):
        actions.look_up(delivery, at=LATER, progress=destroyed)
    assert not OpenAddress.objects.exists()
    assert not PlacedCount.objects.exists()


def test_a_key_that_several_deliveries_begin_with_destroys_none(delivery, clerk):
    actions.stage(SAMPLES / "hukou_310109018020.xlsx", find("police"), area=STREET, at=OCTOBER)
    for key in ("", "0" * 32):
        with pytest.raises(CommandError):
            call_command("destroy-registers", "--delivery", key, "--yes", "--witness", "周敏")
    assert not Delivery.objects.exclude(destroyed_at=None).exists()


def test_a_file_whose_rows_were_destroyed_can_be_delivered_again(delivery, clerk):
    destruction.destroy([delivery], at=LATER, by=clerk, witness="周敏")
    again = actions.stage(SAMPLES / "hukou_all.csv", find("police"), area=STREET, at=LATER)
    assert again != delivery
    assert RegisterRow.objects.filter(delivery=again).count() == again.rows_read
    assert actions.stage(SAMPLES / "hukou_all.csv", find("police"), area=STREET, at=LATER) == again

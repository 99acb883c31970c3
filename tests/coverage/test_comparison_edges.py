"""A census of which little is there yet: the comparison says so and does not fall over; the command's refusals."""

import json

import pytest
from django.core.management import CommandError, call_command

from renpu.coverage.models import Finding, WorkItem
from renpu.coverage.reconcile import reconcile
from tests.site.street import BLOCK, HERE, NEXT, STREET, Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return Office()


def test_a_census_without_records_has_no_differences(office):
    outcome = reconcile(office.census, STREET, at=office.now)[1]
    assert (len(outcome.findings), len(outcome.items), len(outcome.links)) == (0, 0, 0)
    figures = outcome.figures[HERE]
    assert set(figures["register_comparison"].values()) | set(figures["coverage"].values()) == {0}


def test_forms_alone_are_compared_with_each_other(office):
    office.registered("001")
    office.registered("002", block=NEXT)
    reconcile(office.census, STREET, at=office.now)
    assert Finding.objects.filter(source="form").count() == 4
    assert set(WorkItem.objects.values_list("kind", flat=True)) == {"duplicate"}
    assert set(WorkItem.objects.values_list("area_code", "other_household_id").distinct()) != set()


def test_an_area_may_be_a_block(office):
    office.registered("001")
    office.registered("002", block=NEXT)
    reconcile(office.census, BLOCK, at=office.now)
    assert not Finding.objects.exclude(area_code=BLOCK).exists()
    assert not WorkItem.objects.exclude(area_code=BLOCK).exists()


def test_a_person_who_changes_lines_stays_the_same_difference(office):
    home = office.registered("001")
    office.registered("002", block=NEXT)
    reconcile(office.census, STREET, at=office.now)
    before = set(WorkItem.objects.values_list("pk", flat=True))
    from tests.people import form

    answers = form()
    answers["answers"]["persons"].reverse()
    office.send("form", home, answers, base=office.household(home).version)
    written = reconcile(office.census, STREET, at=office.now)[2]
    assert (written.new, written.gone) == (0, 0)
    assert set(WorkItem.objects.values_list("pk", flat=True)) == before


def test_the_command_prints_what_a_program_reads(office, capsys):
    office.registered("001")
    call_command("reconcile", area=STREET, dry_run=True, format="json")
    told = json.loads(capsys.readouterr().out)
    assert told["residents_counted"][STREET] == 2
    assert told["findings"] == {"found_here": 2}
    assert told["items"] is None
    assert {"register_comparison", "coverage", "differences", "links", "seconds"} <= told.keys()


def test_the_command_refuses_an_area_that_is_not_there(office):
    with pytest.raises(CommandError, match="310199009"):
        call_command("reconcile", area="310199009")

"""What a device, or somebody who holds its token, can send to the running server; on both stores."""

import gzip
import json
import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from uuid import uuid4

import orjson
import pytest

from bench.office import Office
from bench.people import Author, form, visits

STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.pg)]
VISIT = {"mode": 1, "outcome": 1, "status_after": 1, "n_here": 2, "n_away": 0, "n_hukou": 2, "n_resident": 2}


class Field:
    """A running office and its devices; each test takes households nobody has visited."""

    def __init__(self, office: Office):
        self.office = office
        self.devices = office.furnish(3, 1, 60)
        office.start()
        self.authors = [Author() for _ in self.devices]
        self.fresh = [[(b, h) for b, hs in d["blocks"].items() for h in hs] for d in self.devices]
        self.rnd = random.Random(5)

    def event(self, kind="visit", payload=None, *, device=0, at=None, **more):
        block, about = at or self.fresh[device].pop()
        payload = payload or (form(self.rnd) if kind == "form" else VISIT)
        return {**self.authors[device].event(kind, about, block, payload), **more}

    def post(self, body, *, token=None, device=0, headers=None):
        """(status, decoded answer)"""
        connection = HTTPConnection("127.0.0.1", self.office.port, timeout=30)
        try:
            bearer = {"Authorization": f"Bearer {token or self.devices[device]['token']}"}
            body = body if isinstance(body, bytes) else orjson.dumps(body)
            connection.request(
                "POST", "/api/sync", body, {"Content-Type": "application/json", **bearer, **(headers or {})}
            )
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read() or b"null")
        finally:
            connection.close()

    def results(self, *events, **how):
        status, said = self.post({"events": events}, **how)
        assert status == 200, said
        return [a["result"] for a in said["answers"]]

    def ask(self, expression: str):
        """What an expression gives in a process of the office; `m` is the room's models."""
        code = (
            "import json, django; django.setup()\n"
            "from renpu.collection import models as m\nfrom renpu.listing.models import Household\n"
            "from renpu.platform.vault import unseal\nfrom uuid import UUID\n"
            f"print(json.dumps({expression}, default=str))"
        )
        return json.loads(self.office.run("-c", code))

    def events(self, *ids):
        return self.ask(f"m.Event.objects.filter(id__in={[str(i) for i in ids]!r}).count()")

    def differences(self):
        return self.office.command("rebuild", "--check")


@pytest.fixture(scope="module", params=STORES)
def field(request):
    with Office(request.param) as office:
        yield Field(office)


def test_a_batch_sent_five_times_at_once_is_held_once(field):
    events = [field.event("form"), field.event(), field.event()]
    body = orjson.dumps({"events": events})
    with ThreadPoolExecutor(5) as pool:
        replies = list(pool.map(lambda _: field.post(body), range(5)))
    results = sorted(tuple(a["result"] for a in said["answers"]) for _, said in replies)
    assert results == [("accepted",) * 3] + [("duplicate",) * 3] * 4
    assert field.events(*(e["id"] for e in events)) == 3


def test_a_batch_in_reverse_order_leaves_what_was_made_last(field):
    at = field.fresh[0].pop()
    events = [field.event(payload=v, at=at) for v in visits(field.rnd, "")] + [field.event("form", at=at)]
    for event in reversed(events):
        assert field.results(event) in (["accepted"], ["history"])
    line = field.ask(f"list(Household.objects.filter(id='{at[1]}').values('visits', 'status', 'version', 'n_here'))[0]")
    assert line == {"visits": 3, "status": 1, "version": 1, "n_here": 4}


def raw(field, head, body=b""):
    """The status of a request written by hand, or 0 when the server hung up."""
    with socket.create_connection(("127.0.0.1", field.office.port), 20) as s:
        s.sendall(head.encode() + body)
        s.shutdown(socket.SHUT_WR)
        try:
            return int(s.recv(200).split(b" ")[1])
        except (IndexError, ConnectionError):
            return 0


def heading(field, length, more=""):
    token = field.devices[0]["token"]
    return (
        f"POST /api/sync HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n"
        f"Content-Type: application/json\r\n{more}\r\n"
    )


def test_a_request_cut_short_holds_nothing_and_may_be_sent_again(field):
    event = field.event("form")
    body = orjson.dumps({"events": [event]})
    assert raw(field, heading(field, len(body)), body[: len(body) // 2]) in (0, 400)
    assert field.events(event["id"]) == 0
    assert field.results(event) == ["accepted"]


def test_gzip_is_read_and_gzip_cut_short_is_not(field):
    event = field.event("form")
    packed = gzip.compress(orjson.dumps({"events": [event]}))
    gz = {"Content-Encoding": "gzip"}
    assert field.post(packed[:-20], headers=gz)[0] == 400
    assert field.post(b"no gzip at all", headers=gz)[0] == 400
    assert field.events(event["id"]) == 0
    status, said = field.post(packed, headers=gz)
    assert (status, said["answers"][0]["result"]) == (200, "accepted")


def test_fifty_megabytes_are_refused_without_being_read(field):
    begun = time.monotonic()
    assert raw(field, heading(field, 50_000_000), b"{" * 1000) == 413
    assert time.monotonic() - begun < 5
    bomb = gzip.compress(b" " * 50_000_000)
    assert field.post(bomb, headers={"Content-Encoding": "gzip"})[0] == 413
    assert field.results(field.event()) == ["accepted"]


def test_too_many_events_at_a_time_are_refused_whole(field):
    event = field.event()
    assert field.post({"events": [event] * 201})[0] == 413
    assert field.events(event["id"]) == 0


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_a_day_off_is_measured_and_corrected(field, days):
    now, off = datetime.now(UTC), timedelta(days=days)
    event = field.event(device=1, made_at=now + off - timedelta(minutes=10))
    status, said = field.post({"sent_at": now + off, "events": [event]}, device=1)
    assert (status, said["answers"][0]["result"]) == (200, "accepted")
    made, offset = field.ask(
        f"[m.Event.objects.get(id='{event['id']}').made_at.isoformat(), "
        f"m.Device.objects.get(id='{field.devices[1]['device']}').offset_ms]"
    )
    assert abs(datetime.fromisoformat(made) - (now - timedelta(minutes=10))) < timedelta(minutes=1)
    assert abs(offset + off.total_seconds() * 1000) < 60_000


def test_a_body_that_is_no_json_is_kept_under_a_ticket(field):
    for body in (b'{"events": [', b"\xff\xfe\x00", b'{"events": 5}'):
        status, said = field.post(body)
        assert status == 422
        assert field.ask(f"m.Quarantine.objects.filter(ticket='{said['ticket']}').count()") == 1


SPOILT = {
    "no object": lambda e: 5,
    "unknown kind": lambda e: {**e, "kind": "gossip"},
    "no about": lambda e: {k: v for k, v in e.items() if k != "about"},
    "text for a code": lambda e: {**e, "payload": {**e["payload"], "outcome": "two"}},
    "a number no column holds": lambda e: {**e, "seq": 2**63},
    "a moment without a zone": lambda e: {**e, "made_at": "2020-11-02T09:00:00"},
    "a moment beyond the calendar": lambda e: {**e, "made_at": "9999-12-31T23:59:59-12:00"},
    "an appointment beyond it": lambda e: {
        **e,
        "payload": {**e["payload"], "appointment_at": "0001-01-01T00:00:00+14:00"},
    },
    "U+0000 in a text": lambda e: {**e, "payload": {**e["payload"], "note": "a\0b", "slip_no": "1\x002"}},
    "lists in a text": lambda e: {**e, "payload": {**e["payload"], "note": json.loads("[" * 900 + "]" * 900)}},
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_one_event_that_cannot_be_read_does_not_hold_up_the_good_ones(field, spoil):
    good = [field.event("form"), field.event()]
    bad = json.dumps(spoil(json.loads(orjson.dumps(field.event()))))
    body = orjson.dumps({"events": [good[0], orjson.Fragment(bad), good[1]]})
    status, said = field.post(body)
    assert status == 200
    assert [a["result"] for a in said["answers"]] == ["accepted", "quarantined", "accepted"]
    ticket = said["answers"][1]["ticket"]
    assert field.ask(f"m.Quarantine.objects.filter(ticket='{ticket}').count()") == 1
    assert field.events(*(e["id"] for e in good)) == 2


def test_a_nesting_too_deep_to_read_is_kept_under_a_ticket(field):
    event = orjson.dumps(field.event())[:-1] + b',"more":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    status, said = field.post(b'{"events":[' + event + b"]}")
    assert status == 422 or said["answers"][0]["result"] == "quarantined"


def test_bytes_that_are_no_text_are_kept_and_the_good_events_taken_in(field):
    bad = orjson.dumps(field.event(payload={**VISIT, "note": "@@"})).replace(b"@@", b"\xff\xfe")
    good = orjson.dumps(field.event())
    status, said = field.post(b'{"events":[' + bad + b"," + good + b"]}")
    assert (status, [a["result"] for a in said["answers"]]) == (200, ["quarantined", "accepted"])


@pytest.mark.parametrize("answers", [{"D9": 40_000}, {"D2": 2**40}, {"D5": "197503197503"}])
def test_an_answer_that_no_column_holds_goes_to_quarantine_whole(field, answers):
    payload = form(field.rnd)
    payload["answers"]["persons"][0].update(answers)
    assert field.results(field.event("form", payload), field.event()) == ["quarantined", "accepted"]


def test_a_thousand_persons_on_one_form_go_to_quarantine(field):
    payload = form(field.rnd)
    payload["answers"]["persons"] *= 250
    assert field.results(field.event("form", payload)) == ["quarantined"]


def test_the_same_id_with_other_content_goes_to_quarantine_each_time(field):
    event = field.event()
    assert field.results(event) == ["accepted"]
    tickets = set()
    for n in (8, 9):
        status, said = field.post({"events": [{**event, "payload": {**VISIT, "n_here": n}}]})
        assert (status, said["answers"][0]["result"]) == (200, "quarantined")
        tickets.add(said["answers"][0]["ticket"])
    assert len(tickets) == 2
    assert field.results(event) == ["duplicate"]
    assert field.events(event["id"]) == 1


def test_markup_and_formulas_in_a_name_are_kept_as_data(field):
    names = ["<script>alert(1)</script>", "=cmd|'/C calc'!A0", "'; drop table collection_event; --", "张\\建国"]
    payload = form(field.rnd)
    for person, name in zip(payload["answers"]["persons"], names, strict=True):
        person["D1"] = name
    event = field.event("form", payload)
    assert field.results(event) == ["accepted"]
    about = str(event["about"])
    kept = field.ask(
        f"[unseal(p.name, UUID('{about}').bytes + bytes((p.line,)) + b'name') "
        f"for p in m.Person.objects.filter(household_id='{about}').order_by('line')]"
    )
    assert kept == names


def test_a_block_of_somebody_else_is_refused_and_nothing_is_held(field):
    event = field.event(device=1)
    assert field.results(event, device=0) == ["refused"]
    assert field.events(event["id"]) == 0
    assert field.results(event, device=1) == ["accepted"]


def test_a_household_that_lies_in_another_block_is_not_moved(field):
    (block, _), (_, theirs) = field.fresh[0].pop(), field.fresh[1].pop()
    assert field.results(field.event(at=(block, theirs))) == ["quarantined"]


def test_a_revoked_token_gets_401_and_a_wrong_one_too(field):
    device = field.devices[2]
    field.office.run(
        "-c",
        "import django; django.setup()\n"
        "from django.utils import timezone\nfrom renpu.collection import devices, models\n"
        f"devices.revoke(models.Device.objects.get(id='{device['device']}'), at=timezone.now())",
    )
    event = field.event(device=2)
    assert field.post({"events": [event]}, device=2)[0] == 401
    assert field.post({"events": [event]}, token="x" * 43)[0] == 401
    assert field.events(event["id"]) == 0


def test_after_all_this_the_tables_follow_from_the_journal(field):
    assert field.results(field.event(), field.event("form", id=uuid4())) == ["accepted", "accepted"]
    assert " 0 differences" in field.differences()

"""Every address of the site with, in every field that its view reads, what no page of ours would send: an answer,
never a failure. New pages are tried as they come: addresses are read from the resolver, fields from the source."""

import inspect
import random
import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from renpu.collection.models import Person
from renpu.coverage.reconcile import reconcile
from renpu.linkage.models import line_key
from renpu.platform.models import Post, Role
from renpu.tracing import calls, requests, units, virtual
from renpu.tracing.cases import open_case

STREET, HERE, THERE = "310109018", "310109018033", "310109018020"
AT = datetime(2020, 11, 12, tzinfo=UTC)
LONG = "9" * 20
NASTY = ["", "x", "-1", "²", "１", LONG, "x" * 36, "é" * 36, str(uuid4()), "0000-00-00", "9999-12-31", "nan", "null"]
NASTY += [
    "{}",
    "[1]",
    "line:",
    f"line:{uuid4()}:{LONG}",
    f"row:{LONG}",
    "committee:",
    "a:b:c:d",
    "😀" * 500,
    "../..",
    "/",
]
FIELD = re.compile(r'(?:GET|POST|post|form|values|asked)(?:\.get(?:list)?\(|\[)\s*"(\w+)"')
ABOUT = {  # the first word of an address's name: whose identifier stands in it
    "call": "CallEntry", "campaign": "Campaign", "case": "Case", "delivery": "Delivery", "device": "Device",
    "household": "Household", "letter": "Letter", "merge": "MergeTask", "pair": "Link", "request": "HelpRequest",
    "unit": "HukouUnit", "work": "WorkItem",
}  # fmt: skip
LEFT_OUT = {"compare", "field"}  # a thread that would outlive the test; files of the client
ROUNDS = 4


@pytest.fixture(scope="module")
def season(street, django_db_blocker):
    """The sample street with work in every room; identifiers of everything by model."""
    with django_db_blocker.unblock():
        user = get_user_model().objects.create_user("nasty")
        Post.objects.create(user=user, role=Role.STREET_OFFICE, area_code=STREET)
        reconcile(street, STREET, at=AT)
        calls.make_list(user, street, HERE, at=AT)
        calls.make_campaign(user, street, HERE, name="一", size=5, callers=[], kind="", at=AT)
        block = virtual.make_virtual(HERE, "沪东海洋保险", "unit")
        units.make_unit(street, block, "沪东海洋保险", "丁一", "12500000001", None, by=user, at=AT)
        person = Person.objects.filter(block_code__startswith=HERE).order_by("household_id", "line").first()
        case = open_case(street, line_key(person.household_id, person.line), by=user, at=AT)
        asked = requests.Asked("核实现住地", "《全国人口普查条例》", AT.date())
        for to in (requests.Addressee("committee", THERE), requests.Addressee("outside", name="花木街道东城居委会")):
            requests.send([(case, "唐山路9弄9号")], to, asked, from_code=HERE, by=user, at=AT)
        ours = [model for model in apps.get_models() if model.__module__.startswith("renpu.")]
        ids = {m.__name__: [str(key) for key in m._base_manager.values_list("pk", flat=True)[:5]] for m in ours}
    return user, ids


def addresses(resolver) -> list[URLPattern]:
    found = []
    for one in resolver.url_patterns:
        found += [one] if isinstance(one, URLPattern) else addresses(one)
    return [one for one in found if one.name and one.name not in LEFT_OUT]


def fields(view) -> list[str]:
    """Those that the view or its neighbours read: many views hand the form to a function beside them."""
    view = getattr(inspect.unwrap(view), "view_class", inspect.unwrap(view))
    return sorted(set(FIELD.findall(inspect.getsource(inspect.getmodule(view)))))


@pytest.mark.parametrize("of", addresses(get_resolver()), ids=lambda of: of.name)
def test_an_address_answers_whatever_it_is_given(season, django_db_blocker, of):
    user, ids = season
    rnd = random.Random(of.name)
    known = [key for keys in ids.values() for key in keys] + [STREET, HERE]
    own = ids.get(ABOUT.get(of.name.partition("-")[0], ""), [])
    parts = {"UUIDConverter": own or [str(uuid4())], "IntConverter": ["0", "1", LONG]}
    with django_db_blocker.unblock():
        browser = Client()
        browser.force_login(user)
        for n in range(ROUNDS):
            given = {
                name: rnd.choice(parts.get(type(kind).__name__, ["x", "csv", "docx", "police", "births"]))
                for name, kind in of.pattern.converters.items()
            }
            form = {name: rnd.choice(rnd.choice((NASTY, known))) for name in fields(of.callback)}
            if n % 3:
                form["area"] = HERE
            with transaction.atomic():
                ask = (browser.get, browser.post)[n % 2]
                answer = ask(reverse(of.name, kwargs=given), form)
                if answer.status_code == 405:
                    ask = (browser.post, browser.get)[n % 2]
                    answer = ask(reverse(of.name, kwargs=given), form)
                transaction.set_rollback(True)
            assert answer.status_code < 500, (given, form)


@pytest.mark.django_db
@pytest.mark.parametrize("ask", [Client().get, Client().post])
def test_a_nul_is_refused_on_both_stores_alike(ask):
    answer = ask(reverse("answer"), {"code": "1234\x005678"})
    assert answer.status_code == 400
    assert "改为手工输入" in answer.text

"""The comparison of a whole area (比对复查): records read, linked, set against each other, and what was found written.

Reading and linking take no lock; everything is written in one transaction, so that a comparison is seen whole or not
at all. Comparing twice changes nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl
from django.db import transaction
from django.db.models import F, Max

from renpu.collection.models import Event
from renpu.coverage import bulk_store, external, heads, internal, ledgers, vacancy, work
from renpu.coverage.balance import balance, ends
from renpu.coverage.figures import figures, police_rows
from renpu.coverage.models import Comparison
from renpu.coverage.records import Records, Terms, decided, links, persons
from renpu.geography.models import Area, Building, Unit
from renpu.linkage import records
from renpu.linkage.models import Link
from renpu.platform.models import Census, local
from renpu.registers.models import RegisterRow

STEPS = ("read", "link", "compare", "links", "findings", "items")


class Frame(NamedTuple):
    """The dwelling units (`unit_id`, `block_code`, `address`) and buildings (`building_id`, `label`, `dwellings`,
    `standing`) of a census."""

    units: pl.DataFrame
    buildings: pl.DataFrame


class Outcome(NamedTuple):
    """What a comparison says: findings, differences and links as frames, the balance, and the figures by area."""

    findings: pl.DataFrame
    items: pl.DataFrame
    links: pl.DataFrame
    balance: pl.DataFrame
    figures: dict[str, dict[str, dict[str, int]]]


def terms_of(census: Census) -> Terms:
    """What the kernels must know of a census."""
    t0 = local(census.t0)
    return Terms(
        census.area_code or "",
        f"{t0.year - 1}{t0.month:02d}",
        f"{t0.year}{t0.month:02d}",
        census.parameter("presumed_dead_age"),
        census.parameter("vacant_kwh_month"),
        census.parameter("vacant_kwh_months"),
    )


def read(census: Census) -> tuple[Records, Frame]:
    """The records of a census, and its frame."""
    area = census.area_code or ""
    found = Records(
        records.register_rows(area),
        records.form_lines(census, area),
        records.death_lines(census, area),
        records.households(census, area),
        records.heads(census, area, external.DIED_OUT),
    )
    units = records.read(
        Unit.objects.in_area(area), {"pk": pl.String, "block_code": pl.String, "address": pl.String}
    ).rename({"pk": "unit_id"})
    buildings = records.read(
        Building.objects.in_area(area), {"pk": pl.String, "label": pl.String, "dwellings": pl.Int32, "state": pl.String}
    ).rename({"pk": "building_id"})
    standing = pl.col("state") == Building.State.STANDING
    return found, Frame(units, buildings.with_columns(standing=standing).drop("state"))


def compare(
    found: Records, frame: Frame, decisions: pl.DataFrame, terms: Terms, scopes: list[str],
    step: Callable[[str], None] = lambda name: None,
) -> Outcome:  # fmt: skip
    """Records in, outcome out; no database."""
    step("link")
    pairs = links(found.rows, found.lines)
    step("compare")
    stood = decided(pairs, decisions)
    rows, lines = persons(found.rows, found.lines, stood)
    of_dwellings = vacancy.at_units(rows.filter(pl.col("source").is_in(vacancy.SOURCES)), frame.units)
    used = vacancy.in_use(of_dwellings, terms)
    dwellings = vacancy.dwellings(found.homes)
    said = heads.counted(of_dwellings, lines, dwellings)
    crowded = heads.crowded(said, found.homes)
    listed = external.rows_found(rows, lines, found.deaths, found.died_out, stood, crowded, terms)
    listed = external.moved_out(vacancy.at_units(listed, frame.units), found.homes, terms)
    asked = external.asked_for(listed)
    covered = set(rows.filter(pl.col("source") == "police")["area_code"].unique())
    births = ledgers.births(rows, lines, terms)
    deaths = ledgers.deaths(rows, lines, found.deaths, terms)
    contradicted = ledgers.alive_and_dead(lines, found.deaths)
    sought = asked.filter((pl.col("finding") == "to_add") & pl.col("home").is_null())
    sought = sought.filter(pl.col("source") != "demolition")
    differences = pl.concat(
        [
            internal.differences(lines, terms),
            external.row_differences(asked),
            external.still_there(listed),
            external.elsewhere_only(listed),
            external.not_on_register(lines, listed, covered),
            contradicted,
            ledgers.births_missing(births),
            ledgers.deaths_missing(deaths),
            vacancy.differences(used, dwellings, sought),
            heads.unlike(found.homes, lines, used, said, dwellings),
            vacancy.unconfirmed(used, dwellings, frame.buildings.filter("standing")),
            vacancy.buildings_short(found.homes, frame.buildings),
        ]
    ).unique(["kind", "subject"], keep="first", maintain_order=True)
    says_dead = pl.concat(
        [
            contradicted.select(record=pl.format("line:{}:{}", "household_id", "line")),
            deaths.select(record="alive").drop_nulls(),
        ]
    )
    findings = pl.concat(
        [
            external.row_findings(listed),
            external.row_findings(births),
            external.row_findings(deaths),
            external.row_findings(vacancy.dwelling_rows(of_dwellings, dwellings)),
            external.line_findings(lines, listed, says_dead, covered),
        ]
    )
    findings = findings.join(ends(lines, terms), on="record", how="left", maintain_order="left")
    police = police_rows(listed, lines)
    in_figures = police.select("record", "in_figures")
    findings = findings.join(in_figures, on="record", how="left", maintain_order="left")
    told = figures(scopes, police, lines, differences, says_dead)
    return Outcome(findings, differences, pairs, balance(lines, terms), told)


def reconcile(
    census: Census, area_code: str, *, at: datetime, by: Any = None, dry_run: bool = False,
    step: Callable[[str], None] = lambda name: None,
) -> tuple[Comparison, Outcome, bulk_store.Written | None]:  # fmt: skip
    """Compare the records of the census and write what concerns an area."""
    last = Event.objects.filter(census_id=census.pk).aggregate(n=Max("seq"))["n"] or 0
    comparison = Comparison(census_id=census.pk, area_code=area_code, started_at=at, by=by, last_seq=last)
    newest = records.newest_deliveries(census.area_code or "")
    comparison.deliveries = sorted({str(d) for pairs in newest.values() for d, _ in pairs})
    step("read")
    found, frame = read(census)
    decisions = decisions_of(census, found.rows)
    outcome = compare(found, frame, decisions, terms_of(census), scopes_of(area_code), step)
    comparison.figures = outcome.figures
    if dry_run:
        return comparison, outcome, None
    step("links")
    where = pl.concat(
        [
            found.lines.select("record", at="block_code"),
            found.rows.select(
                "record", at=pl.when(pl.col("block_code") != "").then("block_code").otherwise("area_code")
            ),
        ]
    )
    with transaction.atomic():
        bulk_store.alone(census)
        comparison.finished_at = at
        comparison.save()
        bulk_store.write_links(census, area_code, outcome.links, where)
        step("findings")
        bulk_store.write_findings(comparison, outcome.findings)
        step("items")
        written = bulk_store.write_items(census, area_code, outcome.items, at=at)
    return comparison, outcome, written


def decisions_of(census: Census, rows: pl.DataFrame) -> pl.DataFrame:
    """What clerks decided of pairs: `left`, `right`, `status`. A row of an older delivery stands for the row of the
    same person in the newest one."""
    said = records.read(
        Link.objects.filter(census_id=census.pk).exclude(decided_at=None).exclude(status=Link.Status.UNSURE),
        {"left": pl.String, "right": pl.String, "status": pl.String},
    )
    ends = pl.concat([said["left"], said["right"]]).unique().to_frame("record")
    old = ends.filter(pl.col("record").str.starts_with("row:")).join(rows, on="record", how="anti")
    ids = [int(key.removeprefix("row:")) for key in old["record"]]
    parts = [
        records.read(
            RegisterRow.objects.filter(pk__in=some).annotate(source=F("delivery__source")),
            {"pk": pl.Int64, "sheet": pl.String, "number": pl.Int64, "person_index": pl.Binary, "source": pl.String},
        )
        for some in work.chunks(ids, work.TOGETHER)
    ]
    if not parts:
        return said
    before = pl.concat(parts).rename({"pk": "row_id"}).with_columns(record=pl.format("row:{}", "row_id"))
    before = before.with_columns(key=records.row_keys())
    now = before.select("key", old="record").join(rows.select("key", now="record"), on="key")
    names = dict(now.select("old", "now").iter_rows())
    one, other = (pl.col(side).replace(names) for side in ("left", "right"))
    carried = said.select(left=pl.min_horizontal(one, other), right=pl.max_horizontal(one, other), status="status")
    return pl.concat([said, carried]).unique(["left", "right"], keep="first", maintain_order=True)


def scopes_of(area_code: str) -> list[str]:
    """The area, and the streets and committees in it."""
    inside = Area.objects.in_area(area_code).values_list("code", flat=True)
    return sorted({area_code, *(code for code in inside if len(code) in (9, 12))})

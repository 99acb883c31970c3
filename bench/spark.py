"""`make bench-spark`: the same parts on local Spark and one after the other on this machine: equal, and how long.

python -m bench.spark [--persons 100000 --persons 1000000] [--counties 20]. It needs Java 17 and `pip install -e
'.[bench]'`. The people live in so many counties; one in thirty is counted in another county than registered. Both sides
begin and end with Parquet. Ends with 1 where a pair differs.
"""

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from renpu.linkage import partitions
from renpu.linkage.fields import standard

MOVED = 33  # per thousand
WORKERS = 2


def write(folder: Path, persons: int, counties: int) -> None:
    """A register and a count with their counties, and who is who."""
    from renpu.synthetic.persons import lists

    made = lists(persons)
    each = persons // counties + 1
    for name, frame, truth, share in (
        ("left", made.register, made.register_truth, 0),
        ("right", made.count, made.count_truth, MOVED),
    ):
        person = pl.col("person").cast(pl.String).str.extract(r"(\d+)").cast(pl.Int64)
        home = person // each
        away = (person * 7919) % 1000 < share
        county = pl.when(away).then((home + 1 + person % (counties - 1)) % counties).otherwise(home)
        code = pl.lit("3101") + (county + 10).cast(pl.String)
        frame.join(truth, on="id").with_columns(county=code).write_parquet(folder / f"{name}.parquet")


def here(folder: Path) -> float:
    """The parts one after the other; seconds."""
    began = time.monotonic()
    left, right = (pl.read_parquet(folder / f"{side}.parquet") for side in ("left", "right"))
    pairs = partitions.compare(left, right, standard(left.columns, right.columns), id="id", county="county")
    pairs.write_parquet(folder / "here.parquet")
    return time.monotonic() - began


def on_spark(folder: Path) -> tuple[float, float]:
    """The parts on local Spark: seconds to start it, and of the work."""
    os.environ["POLARS_MAX_THREADS"] = "1"  # of the workers, which begin with it
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    from pyspark.sql import SparkSession

    from renpu.linkage import spark

    began = time.monotonic()
    session = (
        SparkSession.builder.master(f"local[{WORKERS}]")
        .appName("renpu")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.memory", "3g")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "16")
        .config("spark.sql.adaptive.enabled", "true")
        .config("spark.pyspark.python", sys.executable)
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    started, began = time.monotonic() - began, time.monotonic()
    left, right = (session.read.parquet(str(folder / f"{side}.parquet")) for side in ("left", "right"))
    fields = standard(left.columns, right.columns)
    pairs = spark.compare(left, right, fields, id="id", county="county")
    pairs.write.parquet(str(folder / "spark"))
    seconds = time.monotonic() - began
    session.stop()
    return started, seconds


def quality(pairs: pl.DataFrame, folder: Path) -> str:
    """Precision and recall of the links, and of those across counties."""
    used = ["id", "person", "county"]
    sides = [pl.read_parquet(folder / f"{side}.parquet", columns=used) for side in ("left", "right")]
    linked = (
        pairs.filter(status="linked")
        .join(sides[0].rename({"id": "left"}), on="left")
        .join(sides[1].rename({"id": "right", "person": "other", "county": "there"}), on="right")
        .with_columns(good=pl.col("person") == pl.col("other"))
    )
    there = sides[0].select("person", "county").unique("person").join(
        sides[1].select("person", there="county").unique("person"), on="person"
    )  # fmt: skip
    told = []
    for name, rows, whole in (
        ("all", linked, there),
        ("moved", *(frame.filter(pl.col("county") != pl.col("there")) for frame in (linked, there))),
    ):
        found = rows.filter("good")["person"].n_unique()
        precision = rows["good"].mean() or 0.0
        told.append(f"{name}: {len(rows):,} links, {precision:.3%} right, {found / len(whole):.2%} of the people found")
    return "; ".join(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, action="append")
    parser.add_argument("--counties", type=int, default=20)
    args = parser.parse_args()
    equal = True
    for persons in args.persons or (100_000, 1_000_000):
        with tempfile.TemporaryDirectory(prefix="renpu-spark-") as name:
            folder = Path(name)

            def apart(work, *args):
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                    return process.submit(work, *args).result()

            apart(write, folder, persons, args.counties)
            seconds = apart(here, folder)
            started, of_spark = apart(on_spark, folder)
            one = pl.read_parquet(folder / "here.parquet")
            other = pl.read_parquet(folder / "spark/*.parquet").sort("left", "right")
            same = one.equals(other)
            equal &= same
            verdict = "equal" if same else "DIFFERENT"
            print(f"{persons:>9,} persons, {args.counties} counties: {len(one):,} pairs, {verdict}")
            took = f"one machine {seconds:.1f} s; Spark local[{WORKERS}] {of_spark:.1f} s, and {started:.1f} s to start"
            print(f"          {took}")
            print(f"          {quality(one, folder)}", flush=True)
    sys.exit(0 if equal else 1)


if __name__ == "__main__":
    main()

"""A report as HTML: the part that a page of the office shows, or a page of its own."""

from collections.abc import Callable

from django.template.loader import render_to_string

from renpu.monitoring.reports.progress import Figure, Report, chinese_time

Link = Callable[[Figure], str]


def fragment(report: Report, link: Link | None = None) -> str:
    """The report and its definitions; with `link`, each figure leads to the address of its rows.

    Each free-text part is a `<section data-part=…>`, so that a page can put an editor in its place.
    """
    return render_to_string("monitoring/_progress_report.html", told(report, link))


def page(report: Report) -> str:
    """The report as one file that needs nothing else."""
    return render_to_string("monitoring/progress_report_file.html", told(report, None))


def told(report: Report, link: Link | None) -> dict:
    """What the templates show."""

    def runs(paragraph):
        return [{"run": run, "href": link(run.figure) if link and run.figure else ""} for run in paragraph.runs]

    return {
        "report": report,
        "as_of": chinese_time(report.as_of),
        "paragraphs": [{"of": p, "runs": runs(p)} for p in report.paragraphs],
        "notes": [{"of": p, "runs": runs(p)} for p in report.notes],
        "definitions": [
            {"figure": f, "as_of": chinese_time(f.as_of), "href": link(f) if link else ""} for f in report.definitions
        ],
    }

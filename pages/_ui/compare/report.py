"""One HTML file with everything of a comparison: figures, tables, specs, versions. It needs no network."""

import html
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.services import comparison, settings
from pages._ui.compare import curves, tables, words

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

    from core.services.comparison import ComparedRun
    from core.services.comparison import Figure as Kind

_STYLE = """
body { font: 15px/1.5 "Source Sans 3", "Helvetica Neue", Arial, sans-serif; color: #1B2730; background: #fff;
  max-width: 75rem; margin: 2rem auto; padding: 0 1.5rem; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.75rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid #E2E7EA; padding: 0.3rem 0.8rem; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
p.note { color: #5A6872; max-width: 60rem; } pre { background: #F2F5F6; padding: 1rem; overflow-x: auto; }
"""


def build(runs: "Sequence[ComparedRun]", colours: dict[str, str], kind: "Kind", window: int) -> str:
    """The report.

    Args:
        runs: At least one.
        colours: Display colour by class name.
        kind: The figure that the curves show.
        window: Epochs of the moving average.
    """
    from plotly.offline import get_plotlyjs

    value = words.FIGURES[kind]
    names = comparison.find_classes(runs)
    parts = [
        f"<h1>Comparison of {len(runs)} training runs</h1>",
        f"<p>{html.escape(words.line(runs))} · {_now()}</p>",
        _sentences(runs),
        f"<h2>{html.escape(words.MEANS.get(kind, value))} over the epochs</h2>",
        _draw(curves.overview(runs, kind, window, value)),
        f"<h2>{html.escape(value)} of each class</h2>",
        _draw(curves.by_class(runs, names, colours, kind, window)) if names else "",
        f'<p class="note">{html.escape(words.HELP[kind])} Moving average of {window}.</p>',
        "<h2>Loss</h2>",
        _draw(curves.losses(runs)),
        *_tables(runs, window),
        "<h2>What was asked</h2>",
        *(_spec(run) for run in runs),
        "<h2>Versions</h2>",
        f"<pre>{html.escape(_versions())}</pre>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Training runs compared</title>'
        f"<style>{_STYLE}</style><script>{get_plotlyjs()}</script></head><body>{''.join(parts)}</body></html>"
    )


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _draw(figure: "Figure") -> str:
    figure.update_layout(paper_bgcolor="#fff", plot_bgcolor="#fff")
    markup: str = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        config={"displaylogo": False, "toImageButtonOptions": {"format": "svg"}},
    )
    return markup


def _sentences(runs: "Sequence[ComparedRun]") -> str:
    said = [words.alarm(found) for found in comparison.find_alarms(runs)]
    if len(runs) > 1:
        said = [*words.verdicts(runs), *words.certain_classes(runs), *said]
    return f"<ul>{''.join(f'<li>{html.escape(item)}</li>' for item in said)}</ul>" if said else ""


def _tables(runs: "Sequence[ComparedRun]", window: int) -> list[str]:
    content = (
        ("Best Dice of each class", comparison.s1_table(runs), words.S1_HELP),
        ("Models", comparison.s2_table(runs), words.S2_HELP),
        ("Evenness", comparison.s3_table(runs, window), words.S3_HELP),
        ("What differs", tables.spec_differences(runs), ""),
    )
    return [
        f"<h2>{html.escape(title)}</h2>{_table(table)}<p class='note'>{html.escape(note)}</p>"
        for title, table, note in content
        if not table.empty
    ]


def _table(table: "pd.DataFrame") -> str:
    markup: str = table.to_html(
        index=False, border=0, na_rep="n/a", float_format=lambda value: f"{value:.4g}"
    )
    return markup


def _spec(run: "ComparedRun") -> str:
    notes = "".join(f"<li>{html.escape(line)}</li>" for line in words.fold_notes(run))
    content = json.dumps(run.request.model_dump(mode="json"), indent=2, ensure_ascii=False)
    return (
        f"<h3>{html.escape(run.title)}</h3><ul>{notes}</ul>"
        f"<details><summary>All settings of {html.escape(run.id)}</summary>"
        f"<pre>{html.escape(content)}</pre></details>"
    )


def _versions() -> str:
    about = settings.describe()
    lines = [f"counterpoise {about.version}", f"python {about.python} on {about.system}"]
    return "\n".join([*lines, *(f"{name} {version}" for name, version in about.packages)])

"""The first issues as a table that can be sorted and filtered where scripts may run, and read where they may not."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from smnotebook.render.html import Markup, element, link, table

__all__ = ["issue_table"]

# Nothing of the data goes into the script: it finds the tables that it has not yet made sortable by their class. In an
# untrusted notebook Jupyter takes it out, and the table stays as it is.
_SCRIPT = """
for (const box of document.querySelectorAll('.sm-issues:not([data-ready])')) {
  box.dataset.ready = '1';
  const body = box.querySelector('tbody'), heads = [...box.querySelectorAll('th')];
  const filter = Object.assign(document.createElement('input'), {type: 'search', placeholder: 'filter these rows'});
  filter.setAttribute('aria-label', 'Filter these issues');
  filter.addEventListener('input', () => {
    const wanted = filter.value.toLowerCase();
    for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  box.querySelector('.sm-scroll').before(filter);
  heads.forEach((head, column) => {
    const button = document.createElement('button');
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const up = head.getAttribute('aria-sort') !== 'ascending';
      heads.forEach(other => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      const key = row => row.cells[column].textContent;
      const rows = [...body.rows].sort((a, b) => key(a).localeCompare(key(b), undefined, {numeric: true}));
      body.append(...(up ? rows : rows.reverse()));
    });
  });
}
"""


def issue_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, total: int, csv: str | None) -> Markup:
    """Issues, folded away until they are wanted.

    Parameters
    ----------
    total : int
        Issues in all; where it exceeds the rows, the table says so.
    csv : str or None
        All issues as CSV for the download link; without it the table says how to write the file.
    """
    shown = f"all {total:,}" if total <= len(rows) else f"the first {len(rows):,} of {total:,}"
    contents = [
        element("summary", f"Issues ({shown})"),
        element("p", _download(csv)),
        element("div", table(columns, rows), css="sm-scroll"),
        Markup(f"<script>{_SCRIPT}</script>"),
    ]
    return element("details", *contents, css="sm-issues")


def _download(csv: str | None) -> Markup:
    if csv is None:
        return element("span", 'All of them: report.issues, or as a file report.to_csv("issues.csv").')
    encoded = base64.b64encode(csv.encode("utf-8-sig")).decode("ascii")
    return link("Download all as CSV", f"data:text/csv;charset=utf-8;base64,{encoded}", download="issues.csv")

"""Feeds against what one would write by hand, side by side, as ratios.

Run it: ``python tests/benchmarks/bench_feeds.py``.

Targets (issue 6): CSV through a preset in at most 1.5 times ``pandas.read_csv(engine="pyarrow", dtype=str)`` plus the
conversions asked for; 100,000 XML items streamed under 200 MB and at least as fast as ``pandas.read_xml`` with
iterparse.
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import pandas as pd

from smnotebook.feeds import read_feed

CSV_ROWS = 200_000
XML_ITEMS = 100_000
ROUNDS = 5
HERE = Path(__file__).parent


def write_csv(path: Path) -> None:
    """A WooCommerce export of plain and reduced products, one row each."""
    with path.open("w", encoding="utf-8") as out:
        out.write(
            "ID,Type,SKU,Name,Published,Visibility in catalog,Short description,Description,Date sale price starts,"
            "Date sale price ends,Tax status,In stock?,Stock,Sale price,Regular price,Categories,Tags,Images,Parent\n"
        )
        for n in range(CSV_ROWS):
            out.write(
                f'{n},simple,SKU-{n:07d},"Kubek żółty, nr {n}",1,visible,Short,"<p>Product <b>{n}</b> &amp; more of '
                f'it</p><p>Second paragraph.</p>",,,taxable,1,{n % 90},{"" if n % 3 else "19.90"},{20 + n % 80}.99,'
                f'"Dom > Kuchnia > Kubki {n % 40}",,"https://img.example.com/{n}.jpg, https://img.example.com/{n}b.jpg",\n'
            )


def write_xml(path: Path) -> None:
    """A Google Merchant feed."""
    with path.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>\n')
        for n in range(XML_ITEMS):
            out.write(
                f"<item><g:id>{n}</g:id><title>Product {n}</title><description>Text about {n}</description>"
                f"<link>https://shop.example.com/p/{n}</link><g:image_link>https://img.example.com/{n}.jpg</g:image_link>"
                f"<g:price>{10 + n % 90}.90 PLN</g:price><g:availability>in_stock</g:availability>"
                f"<g:product_type>Home &gt; Kitchen {n % 30}</g:product_type><g:brand>Lipa</g:brand>"
                f"<g:shipping><g:country>PL</g:country><g:price>15.00 PLN</g:price></g:shipping></item>\n"
            )
        out.write("</channel></rss>\n")


def csv_through_the_preset(path: Path) -> pd.DataFrame:
    return read_feed(path, url_template="https://shop.example.com/product/{slug}")


def csv_by_hand(path: Path) -> pd.DataFrame:
    """What an analyst would write for the same columns, with pandas and the standard library."""
    raw = pd.read_csv(path, engine="pyarrow", dtype=str)
    regular, sale = pd.to_numeric(raw["Regular price"]), pd.to_numeric(raw["Sale price"])
    paths = raw["Categories"].str.split(" > ")
    images = raw["Images"].str.split(", ")
    text = raw["Description"].str.replace(r"</p>\s*<p>", "\n", regex=True).str.replace(r"<[^>]+>", "", regex=True)
    slug = raw["Name"].str.normalize("NFKD").str.encode("ascii", "ignore").str.decode("ascii").str.lower()
    return pd.DataFrame(
        {
            "productId": raw["SKU"],
            "name": raw["Name"],
            "mainCategory": paths.str[-1],
            "categories": paths.str[:-1],
            "description": text.map(html.unescape),
            "productUrl": "https://shop.example.com/product/"
            + slug.str.replace(r"[^a-z0-9]+", "-", regex=True).str.strip("-"),
            "mainImageUrl": images.str[0],
            "imageUrls": images.str[1:],
            "available": raw["In stock?"].eq("1"),
            "active": raw["Published"].eq("1"),
            "quantity": raw["Stock"].astype("Int64"),
            "price": regular,
            "discountPrice": sale.where(sale < regular),
        }
    )


def csv_read_alone(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, engine="pyarrow", dtype=str)


def csv_left_as_it_is(path: Path) -> pd.DataFrame:
    return read_feed(path, preset=None)


def xml_streamed(path: Path) -> int:
    return sum(len(frame) for frame in read_feed(path, chunk_rows=10_000))


def xml_whole(path: Path) -> int:
    return len(read_feed(path))


def xml_by_pandas(path: Path) -> int:
    names = ["id", "title", "description", "link", "image_link", "availability", "product_type", "brand"]
    return len(pd.read_xml(path, iterparse={"item": names}, dtype=str))


def compare(title: str, ours: Callable[[Path], object], theirs: Callable[[Path], object], path: Path) -> None:
    """Alternate the two, so that both meet the same weather, and print medians and their ratios."""
    times: dict[str, list[tuple[float, float]]] = {"ours": [], "theirs": []}
    for _ in range(ROUNDS):
        for name, work in (("ours", ours), ("theirs", theirs)):
            begun, cpu = perf_counter(), process_time()
            work(path)
            times[name].append((perf_counter() - begun, process_time() - cpu))
    wall = {name: median(pair[0] for pair in pairs) for name, pairs in times.items()}
    cpu_time = {name: median(pair[1] for pair in pairs) for name, pairs in times.items()}
    print(
        f"{title}: {wall['ours']:.2f} s against {wall['theirs']:.2f} s, ratio {wall['ours'] / wall['theirs']:.2f} "
        f"(processor time {cpu_time['ours'] / cpu_time['theirs']:.2f})"
    )


def peak_of(work: str, path: Path) -> float:
    """Peak memory of a process that does only this, beyond what the imports take, in MB."""
    code = f"import sys; sys.path.insert(0, {str(HERE)!r}); import bench_feeds as b; b.report_peak({work!r})"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def report_peak(work: str) -> None:
    """Print what ``work`` adds to the peak of this process (Linux only)."""
    before = _high_water()
    globals()[work](Path(sys.argv[1]))
    print((_high_water() - before) / 1024)


def _high_water() -> int:
    found = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) if found else 0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        csv, xml = Path(folder, "woocommerce.csv"), Path(folder, "google.xml")
        write_csv(csv)
        write_xml(xml)
        sizes = [path.stat().st_size >> 20 for path in (csv, xml)]
        print(f"CSV: {CSV_ROWS:,} rows, {sizes[0]} MB; XML: {XML_ITEMS:,} items, {sizes[1]} MB")
        compare("CSV through a preset, against the same by hand", csv_through_the_preset, csv_by_hand, csv)
        compare("CSV left as it is, against pandas.read_csv", csv_left_as_it_is, csv_read_alone, csv)
        compare("XML streamed, against pandas.read_xml with iterparse", xml_streamed, xml_by_pandas, xml)
        compare("XML whole, against pandas.read_xml with iterparse", xml_whole, xml_by_pandas, xml)
        for work in ("xml_streamed", "xml_whole", "xml_by_pandas"):
            print(f"{work}: {peak_of(work, xml):.0f} MB at its peak")


if __name__ == "__main__":
    main()

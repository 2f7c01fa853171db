"""What ``import smnotebook`` costs, next to ``import pandas`` and the libraries the package can't do without.

Each import runs in an interpreter of its own; the bare interpreter's time is taken off. Run by hand:
``python tests/benchmarks/bench_import.py [RUNS]``.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter

CANDIDATES = {
    "bare interpreter": "pass",
    "pandas": "import pandas",
    "pandas + pyarrow": "import pandas, pyarrow.compute",
    "smnotebook": "import smnotebook",
    "smnotebook, connected": "import smnotebook as sm; sm.connect()",
    "smnotebook --version": "import sys; sys.argv = ['smnotebook', '--version']; import smnotebook.cli",
}


def seconds(code: str) -> float:
    begun = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - begun


def main(runs: int) -> None:
    for code in CANDIDATES.values():
        seconds(code)  # warms the file cache
    # one of each in turn, so that a busy moment of the machine meets all alike
    rounds = [{name: seconds(code) for name, code in CANDIDATES.items()} for _ in range(runs)]
    for name in CANDIDATES:
        times = [taken[name] for taken in rounds]
        ratio = median(above_bare(taken, name) / above_bare(taken, "pandas") for taken in rounds)
        print(f"{name:<24} median {median(times):.3f} s, fastest {min(times):.3f} s, {ratio:.2f} x import pandas")


def above_bare(taken: dict[str, float], name: str) -> float:
    return taken[name] - taken["bare interpreter"]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11)

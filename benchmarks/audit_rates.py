"""Hit and false-alarm rates of every rule: the table that the pages of the rules quote.

    python -m benchmarks.audit_rates [--seeds 20] [--write docs/_static/audit_rates.json]

Guilty and innocent cases are those of the tests; the clean sweep is wider than theirs.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from sklearn_negloss import audit
from tests.audit.cases import GUILTY, INNOCENT
from tests.audit.cases.clean import CLEAN, SCALES, SIZES, clean_case

SAMPLES = (100, 1_000, 10_000)


def found(code, make, n, seed):
    """Whether a rule fires on a case."""
    return audit(**make(np.random.default_rng(seed), n)).outcomes[code] == "found"


def rates(seeds):
    """Return {code: {n: (found, guilty, flagged, innocent)}}."""
    table = {}
    for code in GUILTY:
        table[code] = {}
        for n in SAMPLES:
            guilty, innocent = (
                [
                    found(code, m, n, seed)
                    for m in cases[code].values()
                    for seed in seeds
                ]
                for cases in (GUILTY, INNOCENT)
            )
            row = (sum(guilty), len(guilty), sum(innocent), len(innocent))
            table[code][n] = row
            print(f"{code} n={n:>6}: found {row[0]:>4} of {row[1]:>4}", end="   ")
            print(f"flagged {row[2]:>4} of {row[3]:>4}", flush=True)
    return table


def clean_sweep(seeds):
    """Return how many clean cases there were, and which codes were raised in them."""
    raised, cases = Counter(), 0
    for name in CLEAN:
        for n in SIZES:
            for seed in seeds:
                scale = SCALES[(seed + n) % len(SCALES)]
                report = audit(**clean_case(name, 10_000 + seed, n, scale))
                raised.update(f.code for f in report.findings if f.severity != "info")
                cases += 1
    return cases, dict(raised)


def main():
    """Print the table, and write it where the docs read it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    table = rates(range(arguments.seeds))
    cases, raised = clean_sweep(range(arguments.seeds))
    print(f"{cases} clean cases; warnings and errors raised: {raised or 'none'}")
    if arguments.write:
        arguments.write.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()

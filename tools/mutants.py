"""Tests the tests of money: `python tools/mutants.py` changes the code in small ways and counts who notices.

Runs mutmut by its settings in pyproject.toml, over the rules of money, the ledger, the projections and
the receipts, and fails where fewer than `LEAST_KILLED_PERCENT` of the mutants were killed. A mutant that
no test reaches counts as one that lived. The survivors are listed: read them.
"""

import json
import subprocess
import sys
from pathlib import Path

LEAST_KILLED_PERCENT = 85
FOLDER = Path("mutants")


def main() -> int:
    """Run, list who survived, and judge."""
    mutmut = Path(sys.executable).with_name("mutmut")
    subprocess.run([mutmut, "run", "--max-children", "2", *sys.argv[1:]], check=True)
    subprocess.run([mutmut, "results"], check=True)
    subprocess.run([mutmut, "export-cicd-stats"], check=True, stdout=subprocess.DEVNULL)
    found = json.loads((FOLDER / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    killed = found["killed"] + found["timeout"]
    percent = 100 * killed / found["total"]
    sys.stdout.write(f"{killed} of {found['total']} mutants were killed: {percent:.1f} %\n")
    return 0 if percent >= LEAST_KILLED_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())

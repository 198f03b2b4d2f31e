"""Tests the tests of money: `python tools/mutants.py` changes the code in small ways and counts who notices.

Runs mutmut by its settings in pyproject.toml, over the rules of money, the ledger, the projections and
the receipts. What the type checker refuses never gets as far as a test and counts for nothing; of the
rest fewer than `LEAST_KILLED_PERCENT` killed is a failure. A mutant that no test reaches has lived. The
survivors are listed: read them. Names of mutants (`app.ledger.*`) run these alone, again.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mutmut.stats import status_by_exit_code

LEAST_KILLED_PERCENT = 85
FOLDER = Path("mutants")
AT_IMPORT = ("app.receipts.words.x__english__", "app.receipts.words.x__russian__")
"""Called once, when their module is imported: before mutmut has chosen a mutant."""
TESTS_AT_IMPORT = "tests/unit/test_amount_words.py"
KILLED = ("killed", "timeout")
BY_TYPES = "caught by type check"
LINE = "{:34} {:>7} {:>7} {:>7} {:>7}  {}\n"


def main() -> int:
    """Run, list who survived, count by module, and judge."""
    bring_up_to_date()
    tools = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    command = [tools / "mutmut", "run", "--max-children", "2", *sys.argv[1:]]
    subprocess.run(command, env=environment, check=True)
    try_what_runs_at_import()
    subprocess.run([tools / "mutmut", "results"], check=True)
    sys.stdout.write(LINE.format("module", "mutants", "types", "tests", "lived", "killed by tests"))
    whole: Counter[str] = Counter()
    for module, found in results():
        sys.stdout.write(line_of(module, found))
        whole += found
    sys.stdout.write(line_of("all", whole))
    return 0 if percent_of(whole) >= LEAST_KILLED_PERCENT else 1


def bring_up_to_date() -> None:
    """Copy what is no Python into the folder of an earlier run; mutmut sees to the rest by itself."""
    for name in ("app", "config"):
        if (FOLDER / name).exists():
            shutil.copytree(name, FOLDER / name, ignore=shutil.ignore_patterns("*.py"), dirs_exist_ok=True)


def try_what_runs_at_import() -> None:
    """Try the survivors that were never in use each in a process that imports the module under it."""
    for path in FOLDER.glob("app/**/*.meta"):
        kept = json.loads(path.read_text(encoding="utf-8"))
        codes = kept["exit_code_by_key"]
        lived = [name for name, code in codes.items() if code == 0 and name.startswith(AT_IMPORT)]
        for name in lived:
            command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", TESTS_AT_IMPORT]
            environment = {**os.environ, "MUTANT_UNDER_TEST": name}
            ended = subprocess.run(
                command, cwd=FOLDER, env=environment, check=False, stdout=subprocess.DEVNULL
            )
            codes[name] = 1 if ended.returncode == 1 else 0
        if lived:
            path.write_text(json.dumps(kept, indent=4), encoding="utf-8")


def results() -> Iterator[tuple[str, Counter[str]]]:
    """Yield each module with how many of its mutants came to what end."""
    for path in sorted(FOLDER.glob("app/**/*.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        found = Counter(status_by_exit_code[code] for code in codes.values())
        if found:
            yield str(path.relative_to(FOLDER)).removesuffix(".meta"), found


def line_of(module: str, found: Counter[str]) -> str:
    """Return a line of the table."""
    by_tests = sum(found[status] for status in KILLED)
    lived = found.total() - found[BY_TYPES] - by_tests
    return LINE.format(module, found.total(), found[BY_TYPES], by_tests, lived, f"{percent_of(found):.1f} %")


def percent_of(found: Counter[str]) -> float:
    """Return how many in a hundred the tests killed of those the type checker let through."""
    through = found.total() - found[BY_TYPES]
    return 100 * sum(found[status] for status in KILLED) / through if through else 100.0


if __name__ == "__main__":
    sys.exit(main())

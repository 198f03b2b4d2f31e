"""A copy of the source tree in which a violation can be planted."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_VERDICT = re.compile(r"^(?P<name>.+?) (?P<verdict>KEPT|BROKEN)\b", re.MULTILINE)


def contracts() -> dict[str, str]:
    """Return every contract's name by its id."""
    config: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {one["id"]: one["name"] for one in config["tool"]["importlinter"]["contracts"]}


@dataclass(frozen=True)
class Tree:
    """`app`, `config` and the contracts, copied to a folder of their own."""

    folder: Path

    @classmethod
    def copied_to(cls, folder: Path) -> "Tree":
        """Copy the tree as it stands now."""
        for package in ("app", "config"):
            for source in (ROOT / package).rglob("*.py"):
                target = folder / source.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
        shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
        return cls(folder)

    @contextmanager
    def planted(self, file: str, line: str) -> Iterator[None]:
        """Add a line to the end of a file, new or old, and take it away again."""
        path = self.folder / file
        before = path.read_text(encoding="utf-8") if path.exists() else None
        path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
        try:
            yield
        finally:
            path.unlink() if before is None else path.write_text(before, encoding="utf-8")

    def broken_contracts(self) -> set[str]:
        """Run import-linter; returns the ids of the contracts it found broken.

        Raises: RuntimeError: it did not give a verdict on every contract.
        """
        run = subprocess.run(
            [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
            cwd=self.folder,
            env={**os.environ, "COLUMNS": "300"},  # no verdict is broken over two lines
            capture_output=True,
            text=True,
            check=False,
        )
        verdicts = {found["name"]: found["verdict"] for found in _VERDICT.finditer(run.stdout)}
        ids = {name: contract for contract, name in contracts().items()}
        if verdicts.keys() != ids.keys():
            raise RuntimeError(f"no verdict on {ids.keys() - verdicts.keys()}: {run.stdout}{run.stderr}")
        return {ids[name] for name, verdict in verdicts.items() if verdict == "BROKEN"}

"""Asks for known vulnerabilities of the pinned packages and checks their licences.

Exit status 1 for a known vulnerability or a licence that does not go with Apache-2.0. Packages that
the index has no advisories for are counted and named as not audited: silence is not a clean bill.
"""

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

PINS = Path(__file__).resolve().parent.parent / "requirements" / "production.txt"
COMPATIBLE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|Unlicense|0BSD|Zlib|LGPL|Lesser|HPND|CC0"
    r"|Public Domain",
    re.IGNORECASE,
)


def main() -> int:
    """Audit and report."""
    return _vulnerabilities() | _licences()


def _vulnerabilities() -> int:
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--require-hashes",
        "--disable-pip",
        "-f",
        "json",
        "-r",
        str(PINS),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if not run.stdout.strip():
        sys.stdout.write(f"audit: could not run ({run.stderr.strip()[-200:]})\n")
        return 0 if "ConnectionError" in run.stderr else 1
    packages = json.loads(run.stdout)["dependencies"]
    ill = [package for package in packages if package.get("vulns")]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    for package in ill:
        ids = ", ".join(vulnerability["id"] for vulnerability in package["vulns"])
        sys.stdout.write(f"audit: {package['name']} {package['version']}: {ids}\n")
    sys.stdout.write(
        f"audit: {len(packages) - len(unknown)} packages audited, {len(ill)} ill, {len(unknown)} not audited "
        "(the index gave no advisories)\n"
    )
    return 1 if ill else 0


def _licences() -> int:
    names = re.findall(r"^([A-Za-z0-9_.-]+)==", PINS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    stated = {name: _licence(name) for name in names}
    absent = [name for name, licence in stated.items() if licence is None]
    strange = {
        name: licence
        for name, licence in stated.items()
        if licence is not None and not COMPATIBLE.search(licence)
    }
    for name, licence in strange.items():
        sys.stdout.write(f"licence: {name}: {licence or 'none stated'}\n")
    sys.stdout.write(
        f"licence: {len(names) - len(absent)} packages read, {len(strange)} not known to go with Apache-2.0; "
        f"not installed on this platform: {', '.join(absent) or 'none'}\n"
    )
    return 1 if strange else 0


def _licence(name: str) -> str | None:
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    classifiers = [text for text in about.get_all("Classifier", []) if text.startswith("License ::")]
    return " ".join(
        [about.get("License-Expression", ""), about.get("License", "")[:80], *classifiers]
    ).strip()


if __name__ == "__main__":
    sys.exit(main())

"""What the demo prints when it is ready, beside what the README says it prints."""

import re
from pathlib import Path

from app.demo.announcement import announcement
from app.demo.folder import Folder
from app.demo.ports import DEFAULT_PORT, Ports
from app.kernel.clock import utc_now

README = Path(__file__).resolve().parents[2] / "README.md"


def test_every_address_that_the_readme_says_is_printed_is_printed(tmp_path: Path) -> None:
    said = README.read_text().split("Then it prints:")[1].split("Ctrl-C")[0]
    promised = re.findall(r"<(http://[^>]+)>", said)
    printed = announcement(Folder(tmp_path).keys(), Ports(DEFAULT_PORT), at=utc_now()).split()
    assert len(promised) == 6
    assert not set(promised) - set(printed)

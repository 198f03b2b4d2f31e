"""What every table of the newsroom's file is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Wording = dict[str, Text]
"""The same words by language."""


class Part(BaseModel):
    """One table of the file: an unknown key stops the start."""

    model_config = ConfigDict(extra="forbid", frozen=True)

"""The appeal in the newsroom's file: its words, other words to compare them with, and when it is quiet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from config.wording import Part, Wording

MAIN = "main"
"""The variant that the appeal's own words are."""
VariantKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


@dataclass(frozen=True, kw_only=True)
class AppealWords:
    """What one variant says in one language; paragraphs are parted by an empty line."""

    heading: str
    text: str
    more: str
    """Empty where there is nothing behind "Read more"."""


class AppealVariant(Part):
    """Other words under articles; what is left out is as in the appeal's own."""

    heading: Wording | None = None
    text: Wording | None = None
    more: Wording | None = None


class Appeal(Part):
    """What the reader is asked, by language; `{minimum}` stands for the least monthly amount."""

    heading: Wording
    text: Wording
    safety: Wording
    more: Wording | None = None
    """The rest, behind "Read more" under articles."""
    variants: dict[VariantKey, AppealVariant] = Field(default_factory=dict)
    quiet_weeks: int = Field(default=4, ge=1, le=52)
    """How long it stays away from whoever closed it, put it off, or gave once."""

    @property
    def variant_keys(self) -> tuple[str, ...]:
        """The variants among which readers are split evenly, the appeal's own words first."""
        return (MAIN, *self.variants)

    def words_of(self, key: str, language: str) -> AppealWords:
        """Return what a variant says. Raises: KeyError: there is no such variant or language."""
        own = AppealVariant() if key == MAIN else self.variants[key]
        more = own.more or self.more
        return AppealWords(
            heading=(own.heading or self.heading)[language],
            text=(own.text or self.text)[language],
            more=more[language] if more else "",
        )

    def wordings(self) -> Iterator[tuple[str, Wording]]:
        """Yield every wording with its name in the file."""
        parts: dict[str, Appeal | AppealVariant] = {"appeal": self}
        parts |= {f"appeal.variants.{key}": variant for key, variant in self.variants.items()}
        yield "appeal.safety", self.safety
        for where, part in parts.items():
            wordings = {"heading": part.heading, "text": part.text, "more": part.more}
            yield from ((f"{where}.{name}", wording) for name, wording in wordings.items() if wording)

    @model_validator(mode="after")
    def _different(self) -> "Appeal":
        if MAIN in self.variants:
            raise ValueError(f"appeal.variants.{MAIN} is taken: so are the appeal's own words called")
        for key, variant in self.variants.items():
            if not (variant.heading or variant.text or variant.more):
                raise ValueError(f"appeal.variants.{key} says nothing of its own")
        return self

"""The letters of gift memberships: the code to its giver, to its recipient, to whoever claims it, the end."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.flows.gifts.claim import make_claim_keys
from app.flows.gifts.look import GivenGift, card_link, claim_link, look_at_given
from app.flows.gifts.send import goes_on_after
from app.flows.letters.common import Addressed, NotNeeded, facts, form_link, matter_of
from app.flows.mail_choices import stop_link
from app.flows.parts import Parts
from app.gifts.claims import GOOD_HOURS, find_claim
from app.gifts.keeping import find_gift
from app.gifts.rules import GiftStanding
from app.kernel.clock import utc_now
from app.kernel.intervals import Interval
from app.outbox.choices import is_refused
from app.outbox.compose import Button, Letter
from app.outbox.models import MailTopic
from app.outbox.queue import MailLease


@dataclass(frozen=True, kw_only=True)
class Code:
    """A gift that can be claimed, and its code."""

    gift: GivenGift
    code: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim that waits to be confirmed."""

    claim_id: UUID
    months: int


@dataclass(frozen=True, kw_only=True)
class Ending:
    """When a gift is over, and whom it is of."""

    until: datetime
    member_id: UUID


def find_code(session: Session, parts: Parts, lease: MailLease) -> Code | NotNeeded:
    """Return a gift while it can be claimed."""
    gift = find_gift(session, UUID(lease.about_id)) if lease.about_id else None
    if gift is None:
        return NotNeeded("no such gift")
    seen = look_at_given(session, parts, gift, now=utc_now())
    if seen.standing is not GiftStanding.open or seen.code is None:
        return NotNeeded("it cannot be claimed any more")
    return Code(gift=seen, code=seen.code)


def find_claim_of(session: Session, _parts: Parts, lease: MailLease) -> Claim | NotNeeded:
    """Return a claim, unless a newer one has taken its place."""
    claim = find_claim(session, UUID(lease.about_id)) if lease.about_id else None
    gift = find_gift(session, claim.gift_id) if claim else None
    if claim is None or gift is None:
        return NotNeeded("claimed, or asked for anew")
    return Claim(claim_id=claim.id, months=gift.months)


def find_ending(session: Session, parts: Parts, lease: MailLease) -> Ending | NotNeeded:
    """Return the end of a gift, unless there is more after it by now, or its member does without the mail."""
    assert lease.member_id  # noqa: S101 (it is queued for a member)
    if is_refused(session, lease.member_id, MailTopic.gift_end):
        return NotNeeded("does without such mails")
    until = datetime.fromisoformat(matter_of(lease)["until"])
    now = utc_now()
    if until - now < timedelta(0) or goes_on_after(session, parts, lease.member_id, until, now=now):
        return NotNeeded("it is over, or goes on")
    return Ending(until=until, member_id=lease.member_id)


def write_code(to: Addressed, matter: Code) -> Letter:
    """Return the letter that brings the giver the code."""
    words, gift = to.words, matter.gift
    named = {"newsroom": to.newsroom, "months": months_in_words(to, gift.months)}
    return Letter(
        subject=words.gettext("Your gift: %(months)s of %(newsroom)s") % named,
        heading=words.gettext("Your gift is ready"),
        opening=[
            to.hello(),
            words.gettext(
                "Thank you for giving %(months)s of %(newsroom)s. Whoever has this code can claim it, "
                "once, and is never charged anything."
            )
            % named,
            _how_it_gets_there(to, gift),
        ],
        code=(words.gettext("The code"), matter.code),
        facts=_facts(to, matter),
        button=Button(
            label=words.gettext("Open the card to print or forward"),
            link=card_link(to.parts, gift.id, language=to.language),
        ),
        closing=[
            words.gettext(
                "On your own pages you see whether it was claimed, and can have this mail sent again. "
                "Who claimed it we tell nobody."
            ),
        ],
        quiet=[
            Button(
                label=words.gettext("The page to claim it, with the code filled in"),
                link=claim_link(to.parts, matter.code, language=to.language),
            )
        ],
    )


def write_for_you(to: Addressed, matter: Code) -> Letter:
    """Return the letter to the recipient, who has not asked for it and is written to this once."""
    words, gift = to.words, matter.gift
    named = {"newsroom": to.newsroom, "months": months_in_words(to, gift.months)}
    opening = [
        words.gettext(
            "Somebody gives you %(months)s as a supporter of %(newsroom)s. It is paid for: you are not "
            "charged anything, now or later, and you need no card."
        )
        % named
    ]
    if gift.words:
        opening += [words.gettext("They wrote to you:"), *gift.words.splitlines()]
    return Letter(
        subject=words.gettext("A gift for you: %(months)s of %(newsroom)s") % named,
        heading=words.gettext("A gift for you"),
        opening=opening,
        code=(words.gettext("The code"), matter.code),
        facts=_facts(to, matter),
        button=Button(
            label=words.gettext("Open the gift"),
            link=claim_link(to.parts, matter.code, language=to.language),
        ),
        closing=[
            words.gettext(
                "This is the only mail about it, and your address is deleted from the gift once it is sent. "
                "If you do not want it, do nothing."
            )
        ],
    )


def write_claim(to: Addressed, matter: Claim) -> Letter:
    """Return the letter that confirms the address, with keys that were never anywhere before."""
    words, keys = to.words, make_claim_keys(to.parts, matter.claim_id, now=utc_now())
    named = {
        "newsroom": to.newsroom,
        "months": months_in_words(to, matter.months),
        "hours": GOOD_HOURS,
    }
    return Letter(
        subject=words.gettext("Claim your gift from %(newsroom)s") % named,
        heading=words.gettext("One press, and it is yours"),
        opening=[
            words.gettext(
                "Press the button to claim %(months)s as a supporter of %(newsroom)s, or type the code on "
                "the page where you gave this address. Either works once, within %(hours)s hours."
            )
            % named
        ],
        code=(words.gettext("Code"), keys.code),
        button=Button(
            label=words.gettext("Claim the gift"),
            link=f"{to.parts.public_base_url}/gift/confirm/{keys.token}?lang={to.language}",
        ),
        closing=[
            words.gettext(
                "If you did not ask for this, somebody typed your address by mistake. Do nothing, and it is "
                "deleted within two days."
            )
        ],
    )


def write_ending(to: Addressed, matter: Ending) -> Letter:
    """Return the one letter before a gift is over."""
    words = to.words
    named = {"newsroom": to.newsroom, "day": to.day(matter.until)}
    stop = stop_link(to.parts, matter.member_id, MailTopic.gift_end, language=to.language)
    return Letter(
        subject=words.gettext("Your gift from %(newsroom)s ends on %(day)s") % named,
        heading=words.gettext("Your gift ends on %(day)s") % named,
        opening=[
            to.hello(),
            words.gettext(
                "The membership of %(newsroom)s that somebody gave you runs until %(day)s. Then it simply "
                "ends: you are not charged, and there is nothing for you to do."
            )
            % named,
            words.gettext("If you would like to go on by yourself, the form takes a minute."),
        ],
        button=Button(
            label=words.gettext("Support %(newsroom)s") % named,
            link=form_link(to, Interval.month, to.parts.newsroom.default_currency, None),
        ),
        closing=[words.gettext("This is the only mail about it.")],
        stop_link=stop,
        stop_label=words.gettext("No more mails before a gift ends"),
    )


def months_in_words(to: Addressed, months: int) -> str:
    """Return `one month`, `6 months`."""
    return to.words.ngettext("%(num)s month", "%(num)s months", months) % {"num": months}


def _how_it_gets_there(to: Addressed, gift: GivenGift) -> str:
    words = to.words
    if gift.send_at is None:
        return words.gettext("Hand it over however you like: print the card, forward it, or tell the code.")
    if gift.send_at <= utc_now():
        return words.gettext("We are writing to the address you gave for it; you need do nothing more.")
    return words.gettext("On %(day)s we write to the address you gave for it.") % {
        "day": to.day(gift.send_at)
    }


def _facts(to: Addressed, matter: Code) -> list[tuple[str, str]]:
    words, until = to.words, matter.gift.claim_until
    return facts((words.gettext("To be claimed until"), to.day(until) if until else None))

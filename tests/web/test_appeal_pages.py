"""The appeal as it is served: one script for everybody, its words, its frame, its counts."""

import gzip
import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from app.appeals.models import AppealCount
from app.db import Sessions, reading, transaction
from app.flows.limits import MOST_TOLD_BY_A_NETWORK_AN_HOUR, count_teller
from app.flows.parts import Parts
from app.kernel.clock import utc_now
from app.web.reader.appeal.script import AppealTooLong, squeeze_script, squeeze_style
from tests.conftest import NEWSROOM
from tests.web.conftest import make_lonely_app
from tests.web.reader import read

BUDGET_BYTES = 6_000
PATHS = ("/appeal", "/appeal.js", "/appeal/words.json", "/appeal/frame")


def counts(sessions: Sessions) -> list[AppealCount]:
    with reading(sessions) as session:
        return list(session.scalars(sa.select(AppealCount)))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_script_with_its_words_costs_less_than_its_budget(reader: FlaskClient, language: str) -> None:
    answer = reader.get(f"/appeal.js?lang={language}", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert 2_000 < len(answer.data) < BUDGET_BYTES
    assert f'"language":"{language}"' in gzip.decompress(answer.data).decode()


def test_words_that_would_break_the_budget_stop_the_start_and_are_told_in_bytes(tmp_path: Path) -> None:
    long_words = " ".join(sha256(str(number).encode()).hexdigest()[:9] for number in range(400))
    file = tmp_path / "newsroom.toml"
    said = "[appeal.variants.long.text]\nen = {words}\nru = {words}\n\n[appeal.safety]"
    text = NEWSROOM.read_text().replace("[appeal.safety]", said.format(words=json.dumps(long_words)))
    file.write_text(text)

    with pytest.raises(AppealTooLong) as stopped:
        make_lonely_app(file)

    assert "its words in 'en', /appeal.js is " in str(stopped.value)
    assert "more than the 6,000 it may cost" in str(stopped.value)
    assert "fewer than 3 variants" in str(stopped.value)


@pytest.mark.parametrize("path", ["/appeal.js", "/appeal/words.json"])
def test_it_is_cached_and_asked_for_again_for_nothing(reader: FlaskClient, path: str) -> None:
    first = reader.get(path)
    again = reader.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"].startswith("public, max-age=300")
    assert first.headers["Vary"] == "Accept-Encoding"
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["/appeal.js", "/appeal/words.json"])
def test_any_site_may_read_it(reader: FlaskClient, path: str) -> None:
    headers = reader.get(path, headers={"Origin": "https://news.example"}).headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("path", PATHS)
def test_nothing_of_the_appeal_sets_a_cookie(reader: FlaskClient, path: str) -> None:
    assert "Set-Cookie" not in reader.get(path).headers


@pytest.mark.parametrize("asked", ["", "?lang=xx"])
def test_without_a_language_it_speaks_the_newsrooms_first_whatever_the_browser_prefers(
    reader: FlaskClient, asked: str
) -> None:
    answer = reader.get(f"/appeal/words.json{asked}", headers={"Accept-Language": "ru"})

    assert answer.json
    assert answer.json["language"] == "en"
    assert answer.json["say"]["go"] == "Continue"


def test_the_words_are_the_newsrooms_with_the_least_amount_in_them(reader: FlaskClient) -> None:
    words = json.loads(reader.get("/appeal/words.json?lang=ru").data)

    assert list(words["variants"]) == ["main", "open"]
    assert words["variants"]["main"]["heading"] == "Поддержите независимую журналистику"
    assert "всего от \u20682\u00a0€\u2069" in words["variants"]["main"]["text"][0]
    assert len(words["variants"]["main"]["more"]) == 2
    assert [one["key"] for one in words["intervals"]] == ["once", "month", "year"]
    assert words["intervals"][1]["amounts"][0] == ["2", "2\u00a0€"]
    assert words["say"]["later"] == "Напомнить позже"


def test_only_the_frame_may_stand_in_other_pages(reader: FlaskClient) -> None:
    policies = {path: reader.get(path).headers["Content-Security-Policy"] for path in (*PATHS, "/support")}

    assert {path for path, policy in policies.items() if "frame-ancestors *" in policy} == {"/appeal/frame"}
    assert all("frame-ancestors" in policy for policy in policies.values())


def test_the_frames_form_leads_to_the_form_with_what_was_chosen(reader: FlaskClient) -> None:
    frame = read(reader.get("/appeal/frame?lang=en&campaign=spring"))
    assert frame.by_id("plain")
    form = next(attributes for attributes in frame.all("form"))
    assert (form["action"], form["target"], form["method"]) == ("/support", "_top", "get")

    page = read(
        reader.get("/support", query_string=frame.fields | {"interval": "year", "amount_year": "120"})
    )

    assert (page.fields["interval"], page.fields["amount_year"]) == ("year", "120")
    assert page.fields["campaign"] == "spring"


def test_a_count_is_a_sum_of_the_day(client: FlaskClient, sessions: Sessions) -> None:
    told = {"what": "shown", "variant": "open", "campaign": "Spring"}

    answers = [client.post("/appeal/counts", data=told) for _ in range(3)]
    client.post("/appeal/counts", data=told | {"what": "continued"})

    assert {(answer.status_code, answer.data) for answer in answers} == {(204, b"")}
    (row,) = counts(sessions)
    assert (row.variant, row.campaign_slug, row.shown, row.continued) == ("open", "spring", 3, 1)


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_whoever_asks_not_to_be_tracked_is_not_counted(
    client: FlaskClient, sessions: Sessions, header: str
) -> None:
    answer = client.post("/appeal/counts", data={"what": "shown", "variant": "main"}, headers={header: "1"})

    assert answer.status_code == 204
    assert counts(sessions) == []


@pytest.mark.parametrize(
    "told",
    [{}, {"what": "shown"}, {"what": "paid", "variant": "main"}, {"what": "shown", "variant": "made-up"}],
)
def test_a_count_of_nothing_known_adds_nothing(
    client: FlaskClient, sessions: Sessions, told: dict[str, str]
) -> None:
    assert client.post("/appeal/counts", data=told).status_code == 204
    assert counts(sessions) == []


def test_the_sample_page_has_the_lines_to_copy_in_every_language(reader: FlaskClient) -> None:
    page = read(reader.get("/appeal?lang=ru&campaign=spring"))

    assert "Гавань, которая росла по ночам" in page.text
    for code in ("en", "ru"):
        assert f'<script src="http://localhost/appeal.js?lang={code}" async></script>' in page.text
        assert f'<iframe src="http://localhost/appeal/frame?lang={code}"' in page.text
        assert f'<a href="http://localhost/support?lang={code}">' in page.text
    (script,) = page.all("script")
    assert (script["data-variant"], script["data-campaign"]) == ("main", "spring")


def test_squeezing_leaves_what_counts() -> None:
    script = '(() => {\n  // why\n  const a = "// kept";\n\n  return a;\n})();'
    style = "/* why */\n:host(.a) :is(.b, .c) > p { color: red; margin: 0 auto }\n"

    assert squeeze_script(script) == '(() => {\nconst a = "// kept";\nreturn a;\n})();'
    assert squeeze_style(style) == ":host(.a) :is(.b,.c)>p{color:red;margin:0 auto}"


def test_what_one_network_tells_too_often_is_answered_the_same_and_not_counted(
    client: FlaskClient, parts: Parts, sessions: Sessions
) -> None:
    with time_machine.travel(datetime(2026, 11, 25, 12, 0, tzinfo=UTC), tick=False):
        with transaction(sessions) as session:
            for _ in range(MOST_TOLD_BY_A_NETWORK_AN_HOUR):
                count_teller(session, parts, "127.0.0.1", now=utc_now())

        answer = client.post("/appeal/counts", data={"what": "shown", "variant": "main"})

    assert (answer.status_code, answer.data) == (204, b"")
    assert counts(sessions) == []

"""What a message says, how it is signed, when it is tried again, and how the catcher keeps it."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from support.notifier_city import acknowledged, raised

from schemas.base import MIN_TIME_MS, Bilingual
from schemas.headers import time_ms
from services.notifier.carriers.mail import composed, message_id, server_of
from services.notifier.carriers.signature import refusal, sign
from services.notifier.carriers.webhook import payload
from services.notifier.catcher.page import rendered
from services.notifier.catcher.store import Store, of_hook, of_mail
from services.notifier.decisions import Kind
from services.notifier.dispatch import backoff_after
from services.notifier.intake import not_before_ms
from services.notifier.message import DeliveryReport, Message, Result
from services.notifier.plan_details import PlanDetails
from services.notifier.private_file import PrivateFileError, webhook_secret
from services.notifier.text import compose
from services.runtime.settings import Settings

NOW = datetime(2026, 1, 13, 11, tzinfo=UTC)
BEIJING = ZoneInfo("Asia/Shanghai")
ZONES = ("Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin")
DOWN, NO = DeliveryReport(Result.UNREACHABLE, "no answer"), DeliveryReport(Result.REFUSED, "550 no")
BODY = "<script>alert(1)</script> 甲烷\n.\nFrom here\n"
MESSAGE = Message(
    id=1, alert_id="a1", seq=2, recipient="wang", channel="mail", kind="raised", severity="critical",
    nature="simulated", language="zh", subject="【演练/模拟】[危急] 告警:甲烷", body=BODY,
    headline={"zh": "甲烷", "en": "methane"}, at=NOW.astimezone(BEIJING), heard_at=NOW, attempts=1,
    begun_at=NOW,
)  # fmt: skip


def test_real_alert_carries_no_mark_and_simulated_one_does() -> None:
    """A drill must never be taken for the real thing, nor the reverse."""
    for nature, zh, en in (
        ("real", "[危急]", "[critical]"),
        ("simulated", "【演练/模拟】", "[DRILL/SIMULATED]"),
        ("exercise", "【演练】", "[DRILL]"),
    ):
        alert = replace(raised(), nature=nature)  # type: ignore[arg-type]  # of the three natures
        assert compose(alert, Kind.RAISED, PlanDetails(), "zh")[0].startswith(zh)
        assert compose(alert, Kind.RAISED, PlanDetails(), "en")[0].startswith(en)


def test_times_are_those_of_the_city() -> None:
    """Of the zone of its plan, whatever the machine's is."""
    details = {zone: PlanDetails(zone=ZoneInfo(zone)) for zone in ZONES}
    changed = {zone: compose(raised(), Kind.RAISED, details[zone], "en")[1] for zone in ZONES}
    found = {zone: body.split("time: ")[1].split("\n")[0] for zone, body in changed.items()}
    at = datetime.fromtimestamp(raised().timeline[-1].at / 1000, UTC)
    assert found == {zone: f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}" for zone in ZONES}
    assert len(set(found.values())) == len(ZONES)


def test_words_of_people_cannot_steer_a_mail_program() -> None:
    """A line break in a note, a name or a headline adds neither a header nor a line."""
    seen = acknowledged(raised())
    hostile = replace(seen, timeline=(replace(seen.timeline[-1], actor="li\r\nBcc: x", note="a\x1b[2Jb"),))
    hostile = replace(hostile, headline=Bilingual(zh="甲\r\n烷", en="m"))
    subject, body = compose(hostile, Kind.ACKNOWLEDGED, PlanDetails(), "zh")
    assert "\n" not in subject
    assert "操作人:li  Bcc: x" in body
    assert "\x1b" not in body


def test_mail_is_the_same_message_at_each_attempt() -> None:
    """One Message-ID, made of the key; the text arrives as it was written."""
    server = server_of("mailto://127.0.0.1:2525?mode=insecure&from=a@miyun.invalid&to=a@miyun.invalid")
    assert server is not None
    made = [
        email.message_from_bytes(composed(server, one, "wang@x.example"), policy=email.policy.default)
        for one in (MESSAGE, replace(MESSAGE, attempts=2), replace(MESSAGE, seq=3))
    ]
    assert [mail.get_all("Message-ID") for mail in made[:2]] == [[message_id(MESSAGE.key)]] * 2
    assert made[2]["Message-ID"] != made[0]["Message-ID"]
    caught = of_mail(composed(server, MESSAGE, "wang@x.example"))
    assert (caught.subject, caught.to) == (MESSAGE.subject, "wang@x.example")
    assert caught.at == "2026-01-13 19:00:00"
    assert caught.body.replace("\r\n", "\n").rstrip() == BODY.rstrip()


@pytest.mark.parametrize(
    "subject",
    [
        "[critical] alert: Gulou Subdistrict, Gulou West St × Xinxi Rd, sewer manhole, cover open, for 30 s",
        "【演练/模拟】[危急] 告警:鼓楼街道 鼓楼东大街 1号燃气阀井 甲烷 51.7 %LEL(2.58 %VOL)≥50,上升中 " * 3
        + "完",
        "plain " * 40 + "end",
    ],
)
def test_subject_arrives_as_it_was_written(subject: str) -> None:
    """However it is folded on the way."""
    server = server_of("mailto://127.0.0.1:2525?mode=insecure&from=a@miyun.invalid&to=a@miyun.invalid")
    assert server is not None
    sent = composed(server, replace(MESSAGE, subject=subject), "wang@x.example")
    assert of_mail(sent).subject == subject
    assert max(len(line) for line in sent.splitlines()) <= 78
    assert sent.isascii()


def test_sender_has_the_name_of_the_address() -> None:
    """Also in Chinese; the envelope's sender is the bare address."""
    server = server_of(
        "mailto://127.0.0.1:2525?mode=insecure&from=密云告警<a@miyun.invalid>&to=a@miyun.invalid"
    )
    assert server is not None
    mail = email.message_from_bytes(composed(server, MESSAGE, "wang@x.example"), policy=email.policy.default)
    assert server.sender == ("密云告警", "a@miyun.invalid")
    (sender,) = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == server.sender
    assert mail["To"].addresses[0].addr_spec == "wang@x.example"


@pytest.mark.parametrize(
    ("url", "host", "port", "secure"),
    [
        ("mailtos://u:p@example.org?smtp=mail.example.org", "mail.example.org", 587, "starttls"),
        ("mailto://u:p@example.org", "example.org", 25, "insecure"),
        ("mailtos://u:p@gmail.com", "smtp.gmail.com", 587, "starttls"),
        ("mailtos://u:p@163.com", "smtp.163.com", 465, "ssl"),
        ("mailtos://u:p@qq.com", "smtp.qq.com", 587, "starttls"),
        (
            "mailtos://mail.example.org?user=u&pass=p&from=a@b.example&verify=no",
            "mail.example.org",
            587,
            "starttls",
        ),
        ("mailtos://u:p@example.org:465?smtp=mail.example.org&mode=ssl", "mail.example.org", 465, "ssl"),
        (
            "mailto://127.0.0.1:2525?mode=insecure&from=a@b.example&to=a@b.example",
            "127.0.0.1",
            2525,
            "insecure",
        ),
    ],
)
def test_mail_server_is_read_from_an_apprise_address(url: str, host: str, port: int, secure: str) -> None:
    """With the defaults that Apprise knows."""
    server = server_of(url)
    assert server is not None
    assert (server.host, server.port, server.secure) == (host, port, secure)
    assert "'p'" not in repr(server), "a password is never shown"


def test_address_of_something_else_is_no_mail_server() -> None:
    """Neither another service of Apprise nor nonsense."""
    assert server_of("json://127.0.0.1") is None
    assert server_of("nonsense") is None


def test_signature_holds_for_this_body_and_time_only() -> None:
    """A changed body, another secret, an old time, or none: each has its word."""
    secret, body = b"s" * 32, payload(MESSAGE)
    header = sign(secret, body, at_s=1_000)
    assert refusal(secret, body, header, now_s=1_200) is None
    assert refusal(secret, body + b" ", header, now_s=1_000) == "signature"
    assert refusal(b"t" * 32, body, header, now_s=1_000) == "signature"
    assert refusal(secret, body, header.replace("t=1000", "t=1001"), now_s=1_000) == "signature"
    assert refusal(secret, body, header, now_s=1_301) == "stale"
    assert refusal(secret, body, "", now_s=1_000) == "unsigned"


@pytest.mark.parametrize(
    ("report", "attempts", "in_a_row", "gives_up", "pause_s"),
    [
        (DOWN, 1, 1, False, 1),
        (DOWN, 2, 2, False, 2),
        (DOWN, 5, 5, False, 16),
        (DOWN, 99, 99, False, 60),
        (NO, 1, 1, False, 1),
        (NO, 3, 3, True, 4),
    ],
)
def test_pauses_grow_and_refusals_end(
    report: DeliveryReport, attempts: int, in_a_row: int, gives_up: bool, pause_s: int
) -> None:
    """Doubling up to a minute; the third refusal is the last."""
    backoff = backoff_after(report, attempts=attempts, in_a_row=in_a_row)
    assert (backoff.gives_up, backoff.pause_s) == (gives_up, pause_s)


def test_floor_follows_the_clock_of_the_city() -> None:
    """Half an hour of the city's time; under clock=log never before the city began to live."""
    wall = Settings(clock="wall")
    lived = Settings(clock="log", history_hours=24)
    begun = time_ms(lived.city_start)
    assert not_before_ms(wall, now_ms=begun) == begun - 1_800_000
    assert not_before_ms(lived, now_ms=None) == begun
    assert not_before_ms(lived, now_ms=begun - 3_600_000) == begun
    assert not_before_ms(lived, now_ms=begun + 7_200_000) == begun + 5_400_000
    assert not_before_ms(Settings(clock="log"), now_ms=None) == MIN_TIME_MS


def test_catcher_keeps_a_message_once_also_after_a_restart(tmp_path: Path) -> None:
    """Known by its id; what was kept is on disk."""
    body = payload(MESSAGE)
    store = Store(tmp_path)
    store.load()
    assert [store.take(of_hook(body), body) for _ in range(3)] == [True, False, False]
    again = Store(tmp_path)
    again.load()
    assert again.take(of_hook(body), body) is False
    assert (store.repeats, again.repeats, len(again.messages)) == (2, 1, 1)
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_page_of_the_catcher_escapes_what_it_shows(tmp_path: Path) -> None:
    """In both languages."""
    store = Store(tmp_path)
    store.load()
    assert "还没有消息" in rendered(store, "zh")
    store.take(of_hook(payload(MESSAGE)), b"{}")
    for language, word in (("zh", "收到的消息"), ("en", "Messages caught")):
        page = rendered(store, language)  # type: ignore[arg-type]  # of the two
        assert word in page
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize("body", [b"[]", b"{}", b"nonsense", b'{"key": 1}'])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    """In words, whatever it is."""
    with pytest.raises(ValueError, match=r"."):
        of_hook(body)


def test_secret_is_made_once_and_must_be_private(tmp_path: Path) -> None:
    """Both processes find the same; a file that others can read is refused with its remedy."""
    settings = Settings(keys_dir=tmp_path / "keys")
    assert webhook_secret(settings) == webhook_secret(settings)
    path = tmp_path / "keys" / "webhook.secret"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(PrivateFileError, match="chmod 600"):
        webhook_secret(settings)
    with pytest.raises(PrivateFileError, match=r"absent: cannot be read"):
        webhook_secret(Settings(webhook_secret_file=tmp_path / "absent"))


@pytest.mark.parametrize("word", ["", "None"])
def test_no_file_is_no_file(word: str) -> None:
    """`miyun env` prints a setting that is not set as a word; it names no file."""
    assert Settings.model_validate({"mail_url_file": word}).mail_url_file is None

from typing import Any

import pytest
from pydantic import ValidationError

from worker.service.settings import Settings, read_hold_reasons

SECRET = "s3cret"  # noqa: S105
URLS = {"amqp_url": f"amqp://till:{SECRET}@broker/", "database_url": f"postgresql://orders:{SECRET}@database/orders"}


def test_no_url_is_ever_shown_whole() -> None:
    settings = Settings.model_validate(URLS)
    assert SECRET not in repr(settings)
    assert SECRET not in settings.model_dump_json()


@pytest.mark.parametrize(
    ("url", "user"), [("amqp://till:x@broker/", "till"), ("amqp://broker/", "guest"), ("amqps://a%40b:x@h/", "a@b")]
)
def test_the_worker_knows_who_it_is_to_the_broker(url: str, user: str) -> None:
    assert Settings.model_validate({**URLS, "amqp_url": url}).broker_user == user


@pytest.mark.parametrize(
    "wrong",
    [
        {"amqp_url": "http://broker"},
        {"database_url": "mysql://database"},
        {"partition_count": 0},
        {"partition_count": 101},
        {"http_port": 0},
        {"heartbeat_seconds": 0},
        {"shutdown_seconds": 0},
        {"worker_name": ""},
        {"hold_reasons": ["failed", "invalid"]},
        {"unknown": 1},
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refusal:
        Settings.model_validate({**URLS, **wrong})
    assert [error["loc"][:1] for error in refusal.value.errors()] == [tuple(wrong)]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as refusal:
        Settings.model_validate({"amqp_url": "x", "database_url": "y", "partition_count": 0})
    assert refusal.value.error_count() == 3


@pytest.mark.parametrize(("setting_seconds", "agreed_seconds"), [(1, 1), (3, 1), (10, 5)])
def test_half_the_heartbeat_is_agreed_with_the_broker(setting_seconds: int, agreed_seconds: int) -> None:
    settings = Settings.model_validate({**URLS, "heartbeat_seconds": setting_seconds})
    assert settings.amqp_heartbeat_seconds == agreed_seconds


@pytest.mark.parametrize(
    ("text", "words"),
    [("failed, crashed", ["failed", "crashed"]), ("none", []), ("", []), ("failed,x", ["failed", "x"])],
)
def test_reasons_to_hold_are_listed_with_commas(text: str, words: list[str]) -> None:
    assert read_hold_reasons(text) == words

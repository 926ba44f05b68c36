"""What can be set, validated whole and frozen. Each setting is an environment variable and a flag."""

import os
import socket
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from yarl import URL

from schemas.partitions import DEFAULT_PARTITION_COUNT, PARTITION_COUNT_LIMIT
from schemas.reasons import Reason

_WORKER_NAME_LIMIT_CHARACTERS = 100

HoldReason = Literal[Reason.FAILED, Reason.CRASHED]
"""What is not processed for another reason can never succeed as it is, or does not lie with a lane."""


def default_worker_name() -> str:
    """Return a name that tells this process from its siblings: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def read_hold_reasons(text: str) -> Any:
    """Return the words of a list with commas, which may be empty, or `none`; `Settings` says whether they are right."""
    words = [word.strip() for word in text.split(",")]
    return [word for word in words if word not in {"", "none"}]


class Settings(BaseModel):
    """The settings of one worker process. URLs are secrets: they are never shown whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amqp_url: SecretStr
    database_url: SecretStr
    partition_count: int = Field(DEFAULT_PARTITION_COUNT, ge=1, le=PARTITION_COUNT_LIMIT)
    http_port: int | None = Field(None, ge=1, le=65_535)
    heartbeat_seconds: int = Field(10, ge=1, le=600)
    shutdown_seconds: float = Field(25.0, gt=0, le=600)
    worker_name: Annotated[str, Field(min_length=1, max_length=_WORKER_NAME_LIMIT_CHARACTERS)] = Field(
        default_factory=default_worker_name
    )

    hold_reasons: frozenset[HoldReason] = frozenset({Reason.FAILED, Reason.CRASHED})
    """Where a command is not processed for one of these, later ones of its SKU or order wait; else they go on."""

    @field_validator("amqp_url")
    @classmethod
    def _is_amqp(cls, value: SecretStr) -> SecretStr:
        return _with_scheme(value, {"amqp", "amqps"})

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr) -> SecretStr:
        return _with_scheme(value, {"postgres", "postgresql"})

    @property
    def amqp_heartbeat_seconds(self) -> int:
        """Return what is agreed with the broker, which gives up a silent connection after two to three of these."""
        return max(1, self.heartbeat_seconds // 2)

    @property
    def broker_user(self) -> str:
        """Return the user this worker is to the broker."""
        return URL(self.amqp_url.get_secret_value()).user or "guest"


def _with_scheme(value: SecretStr, schemes: set[str]) -> SecretStr:
    scheme = value.get_secret_value().partition("://")[0]
    if scheme not in schemes:
        raise ValueError(f"must start with {' or '.join(sorted(f'{name}://' for name in schemes))}")
    return value

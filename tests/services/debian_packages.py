"""Installing Debian packages without starting the services they bring."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.services.errors import LOG_TAIL_CHARACTERS, ServicesError

SERVICE_POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian asks this program, where there is one, whether a package may start its service."""
FORBID_START = "#!/bin/sh\nexit 101\n"
LOCK_TIMEOUT_SECONDS = 300
"""Another installation may be under way on a fresh machine."""


def install_packages(packages: Sequence[str]) -> None:
    """Install packages as root; raise `ServicesError` with what apt said where that fails."""
    print(f"services: installing {', '.join(packages)}", file=sys.stderr)
    with _services_not_started():
        _apt("update")
        _apt("install", "-y", "--no-install-recommends", *packages)


@contextmanager
def _services_not_started() -> Iterator[None]:
    if SERVICE_POLICY.exists():
        yield
        return
    SERVICE_POLICY.write_text(FORBID_START)
    SERVICE_POLICY.chmod(0o755)
    try:
        yield
    finally:
        SERVICE_POLICY.unlink()


def _apt(*arguments: str) -> None:
    command = ["apt-get", "-qq", "-o", f"DPkg::Lock::Timeout={LOCK_TIMEOUT_SECONDS}", *arguments]
    finished = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    if finished.returncode != 0:
        raise ServicesError(f"{' '.join(command)} failed:\n{finished.stdout[-LOG_TAIL_CHARACTERS:]}")

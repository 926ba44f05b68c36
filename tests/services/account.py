"""Whom a private server runs as."""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.services.errors import ServicesError


@dataclass(frozen=True, slots=True)
class Account:
    """The server's own user when we are root, who it refuses; otherwise ourselves."""

    user: str | None
    """None means: whoever we are."""
    group_id: int | None

    def own(self, path: Path) -> None:
        """Give a file or folder to the account."""
        if self.user is not None:
            shutil.chown(path, self.user, self.group_id)

    def make_folder(self, path: Path) -> Path:
        """Make a folder that only the account can read."""
        path.mkdir(mode=0o700)
        self.own(path)
        return path


def account_for(server_user: str) -> Account:
    """Return the account for a server whose package made the user `server_user`."""
    if os.geteuid() != 0:
        return Account(user=None, group_id=None)
    try:
        entry = pwd.getpwnam(server_user)
    except KeyError as error:
        raise ServicesError(
            f"there is no user {server_user!r} to run its server as: install the server from a package, "
            "or run as an ordinary user"
        ) from error
    return Account(entry.pw_name, entry.pw_gid)

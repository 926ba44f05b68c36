"""The program in the guide runs as it stands there."""

import asyncio
import re
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "event-store.md"


async def test_the_first_program_of_the_guide_runs(migrated_database_url: str) -> None:
    program = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[0]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "error",
        "-c",
        program,
        migrated_database_url,
        cwd=GUIDE.parents[1],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert (process.returncode, errors.decode()) == (0, "")
    assert set(output.decode().splitlines()) == {
        "Insufficient stock: 7 < 8",
        "2 StockRemoved {'item_id': 'main', 'quantity': 3}",
    }

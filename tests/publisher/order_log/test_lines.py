import gzip
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import InvalidInput
from publisher.order_log.lines import LINE_LIMIT_BYTES, BadLine, Line, count_lines, numbered_lines, open_log


def read(content: bytes) -> list[Line | BadLine]:
    return list(numbered_lines(BytesIO(content)))


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (b"", []),
        (b"a", [b"a"]),
        (b"a\n", [b"a"]),
        (b"a\nb", [b"a", b"b"]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"a\n\nb\n", [b"a", b"", b"b"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", [b"a", b"\xef\xbb\xbfb"]),
        (b"\xff\x00\n", [b"\xff\x00"]),
    ],
)
def test_lines(content: bytes, texts: list[bytes]) -> None:
    assert read(content) == [Line(number, text) for number, text in enumerate(texts, start=1)]


def test_a_line_that_is_too_long_is_bad_and_the_next_one_is_read() -> None:
    lines = read(b"x" * (3 * LINE_LIMIT_BYTES) + b"\nb\n")
    assert lines == [BadLine(1, "longer than 1,000,000 bytes"), Line(2, b"b")]


def test_a_line_may_be_as_long_as_the_limit() -> None:
    assert read(b"x" * LINE_LIMIT_BYTES + b"\n") == [Line(1, b"x" * LINE_LIMIT_BYTES)]


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz", "orders"])
def test_gzip_is_known_by_its_bytes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"a\nb\n"))
    with open_log(path) as stream:
        assert list(numbered_lines(stream)) == [Line(1, b"a"), Line(2, b"b")]
    assert count_lines(path) == 2


def test_a_file_that_was_cut_off_ends_with_a_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(b"a\n" * 100_000)[:-20])
    with open_log(path) as stream:
        *lines, last = numbered_lines(stream)
    assert isinstance(last, BadLine)
    assert last.number == len(lines) + 1
    assert "damaged" in last.cause
    assert count_lines(path) <= 100_000


@pytest.mark.parametrize("missing", ["nothing.csv", "."])
def test_what_cannot_be_read_is_said(tmp_path: Path, missing: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"), open_log(tmp_path / missing):
        pass


@given(st.binary())
def test_any_content_gives_numbered_lines(content: bytes) -> None:
    lines = read(content)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    texts = [line.text for line in lines if isinstance(line, Line)]
    assert all(b"\n" not in text for text in texts)

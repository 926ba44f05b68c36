"""Which column of a log holds what."""

from dataclasses import dataclass

from tests.demo.errors import DemoError

USUAL_SKU = "StockCode"
USUAL_QUANTITY = "Quantity"
USUAL_USER = "CustomerID"
USUAL_ORDER = "InvoiceNo"

RESERVED = "location"
"""The import reads such a column by itself; the demo keeps all stock in one place."""


@dataclass(frozen=True, slots=True)
class ColumnOptions:
    """The columns that were named on the command line; None where the usual name is looked for."""

    sku: str | None = None
    quantity: str | None = None
    user: str | None = None
    order: str | None = None


@dataclass(frozen=True, slots=True)
class LogColumns:
    """The columns of a log. A log without users or orders has None there."""

    sku: str
    quantity: str
    user: str | None
    order: str | None


def find_columns(header: list[str], options: ColumnOptions) -> LogColumns:
    """Return the columns to read. Raises `DemoError`, which names those of the file, where one is missing."""
    if RESERVED in header:
        raise DemoError(f"the log has a column {RESERVED!r}, and the demo keeps all stock in one place: rename it")
    columns = LogColumns(
        options.sku or USUAL_SKU,
        options.quantity or USUAL_QUANTITY,
        options.user or (USUAL_USER if USUAL_USER in header else None),
        options.order or (USUAL_ORDER if USUAL_ORDER in header else None),
    )
    needed = (columns.sku, columns.quantity, columns.user, columns.order)
    missing = [column for column in needed if column is not None and column not in header]
    if missing:
        raise DemoError(
            f"the log has no column {' and no column '.join(missing)}; its columns are: {', '.join(header)}.\n"
            "Say which is which: python -m tests.demo --log FILE --sku-column NAME --quantity-column NAME\n"
            "and, where there are such: --user-column NAME --order-column NAME"
        )
    return columns

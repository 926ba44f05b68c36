"""What the engine has recorded, read straight from its database.

records       the stored answers and the stock levels
stock_reader  the same levels as a stock view needs them: with the progress of the partitions
"""

from publisher.database.records import OrderRecords, StockLevel

__all__ = ["OrderRecords", "StockLevel"]

"""What the engine has recorded, read straight from its database.

records  the stored answers and the stock levels
"""

from publisher.database.records import OrderRecords, StockLevel

__all__ = ["OrderRecords", "StockLevel"]

"""The verbs of `order-publisher`.

purchase, restock  one command and its answer
import             a file of orders
watch              everybody's results, as they come
result, stock      what the database has recorded
"""

from publisher.command_line.application import main

__all__ = ["main"]

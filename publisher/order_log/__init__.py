"""Order logs: files of orders, read line by line into commands.

lines        a file, plain or gzip, as numbered lines
line_ids     the command id that a line gets
quantities   numbers as they are written
csv_orders   CSV rows into commands
json_orders  JSON lines into commands
reading      a file into commands, whatever its format
summary      what became of an import, in numbers
importing    an order log through a client, line by line
"""

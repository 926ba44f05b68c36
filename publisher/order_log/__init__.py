"""Order logs: files of orders, read into commands.

lines            a file, plain or gzip, as numbered lines
line_ids         the command id that a line gets
quantities       numbers as they are written
csv_orders       CSV rows into commands
json_orders      JSON lines into commands
reading          a file into commands, whatever its format
whole_orders     the lines that name the same order into one command; spool keeps them meanwhile, in a temporary file
logged_commands  what the good lines become
summary          what became of an import, in numbers
importing        an order log through a client
"""

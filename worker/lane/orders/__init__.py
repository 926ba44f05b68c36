"""What a lane does for whole orders; the rules are in `worker.domain.orders`.

errands       what an order asks of its lines -> commands to the lanes of their SKUs
legs          what a line got -> what its lane sends on: to the lane of the next line, or home to the order
line_replies  what a leg has brought home -> what an order hears of its lines
codec         between the domain's orders and what is stored
last_sale     whether the last line is sold, and how that is forestalled
results       what is answered about an order
known_order   an order, and what there is of the command that placed it
planning      requests and line replies -> what to commit, to answer and to ask
"""

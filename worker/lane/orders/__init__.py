"""What a lane does for whole orders; the rules are in `worker.domain.orders`.

line_replies  an answer that another lane has told -> what an order hears of one of its lines
errands       what an order asks of its lines -> commands to the lanes of their SKUs
codec         between the domain's orders and what is stored
results       what is answered about an order
known_orders  the orders kept in memory
planning      requests and line replies -> what to commit, to answer and to ask
"""

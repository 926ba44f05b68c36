"""What a lane does with messages that it cannot process, and with those behind them.

A message that can never succeed is set aside. One that might, later, holds its
aggregate: what comes after it about the same SKU or order is parked, in its
order, until an operator has it replayed, corrected or given up. Others go on.

holds          which aggregates wait
letters        an item -> why it is not processed -> the letter that is filed
filing         files the letters of a batch, before anything of it is acknowledged
attempt_notes  what is begun and not ended
suspects       finds the message that kills its worker, by counting how often it was begun
reading        an open letter -> what has to be decided about it
verdicts       what became of letters, and what that does to their lines; pure
deciding       decides what operators ask for, and the lines that are let go
"""

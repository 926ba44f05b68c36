"""What all clocks of a worker have in common: each looks for something again and again, and sends what follows.

ticking      goes on whatever happens at one tick
sent_lately  so that nothing is sent at every tick
"""

"""A lane: the one writer of one partition.

ports      what a lane needs of the world, as protocols; twins of them serve simulations
decoding   a delivery -> a request, or why it is none
planning   requests + state -> what to commit and what to answer; pure
settling   commit a plan: claim, load, retry, fall back to one command at a time
lane       the loop: take, settle, publish, acknowledge
"""

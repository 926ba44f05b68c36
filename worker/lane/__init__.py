"""A lane: the one writer of one partition.

ports          what a lane needs of the world, as protocols; twins of them serve simulations
bundles        several messages as one, between two lanes
decoding       a delivery -> a request, or why it is none
command_codec  what a command asks of the domain, and what of it stands in answers
event_codec    between events and what is stored of them
row_codec      between states and their rows
answers        results on their way, and what a command gets that is no new one
endings        how the items of a batch end
outgoing       what a batch sends
orders         whole orders: the same steps for them, in a room of their own
dead_letters   what cannot be processed, and what waits behind it: filed, held, decided later
recording      the answers of a batch: numbered, written into it, known from then on
planning       requests + state -> what to commit and what to answer; pure
recently_used  a memory of bounded size
states         what a batch is decided by: from memory, else loaded
new_holds      reservations that need not be looked for before they are made
settling       commit a plan: claim, load, retry, fall back to one command at a time
lane           the loop: take, settle, publish, acknowledge
"""

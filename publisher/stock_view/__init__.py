"""Stock levels in the memory of a reader, coherent with what the workers commit.

view                StockView: the public face, over the real edges
coherent_stock      what it does, over any edges: it runs the feed and the looks, and serves readers
reading             what a reader gets
counters            what happened so far, as a value
lookup              finds what memory cannot answer: in a look, or in what was known last
question            what one reader asks for, and what of it can be answered by now
shared_error        one error, told to many
looking             reads the database for all who wait, in batches, and at a steady pace
ports               what the view needs of the world; the edges are publisher.result_feed and publisher.database
knowledge           everything known, and what of it may be said now
partition_progress  what proves that a partition's knowledge is fresh
sku_stock           one SKU's stock at one version, and how an answer changes it
look                what one query finds

Pure are question, knowledge, partition_progress, sku_stock, look, reading and
counters: they wait for nobody, and time is an argument.

How the view knows that it is fresh. A worker commits stock, the answer and the
answer's number (`partitions.sequence`, without a gap) in one statement. So a
*look*, one query that reads the number of every partition, says how many answers
exist as of the moment before it was sent; once the feed has shown all of them,
whatever is in memory is as new as that moment. Views look every 25 ms. Nothing
in this rests on a worker or a feed being alive, or on two clocks agreeing. Where
the feed is silent, cut, late or out of order, it has not shown some number; the
next look then brings the stored answers beyond it, before memory is too old. If
the proof still gets older than 75 ms, reads wait for a look, in time for the
100 ms in which a commit has to show.

Rejected: a heartbeat of the owner through the feed. An owner that was replaced
does not know it; what it says proves nothing about what its successor has
committed. Also rejected: trusting the feed for as long as its connection lives,
which says nothing of a worker that died between its commit and its publish.
"""

"""Everything a campaign runs on, and the handles to break it.

cluster     servers, proxies, three workers, publishers and consumers
seat        one worker's place: what dies there is started again
process     a program of ours with orders on its standard input
nodes       a broker of three nodes
wires       the proxies between one client and the servers
polling     waiting for what sends no signal
admin       the database as its administrator sees it
settings    how many of each, and their limits
worker_logs who claimed which partition when, and what came again
"""

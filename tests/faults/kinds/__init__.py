"""The kinds of faults, a module for each family.

kind        what a kind is
worker      deaths at random and at named points, hangs, stops
clocks      a worker's clock is wrong
rivals      two workers that each believe to be the owner
broker      deaths, alarms, closed connections, deleted queues
database    deaths, sessions that end, no room, no writing
network     each way of breaking a connection, to either server
input       what careless publishers send
catalogue   all of them, by name
"""

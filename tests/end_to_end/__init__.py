"""Worker processes, RabbitMQ and PostgreSQL together, seen by publishers.

shop            the servers, set up for one test, and the workers it starts
worker_process  one worker, its log and its end
open_reservations  a hundred thousand of them, written straight into the tables
dying_worker    a worker that kills itself at a named point
sleeping_worker a worker that stops in its tracks before its first commit
buyer           a publisher process
viewing_application  one that shows the stock as well, through a stock view
reading         reading a stock view while something else happens
publishing      messages as any program may send them, sound or not
listening       what arrives at a queue, byte for byte
"""

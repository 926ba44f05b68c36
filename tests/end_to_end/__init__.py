"""Worker processes, RabbitMQ and PostgreSQL together, seen by publishers.

shop            the servers, set up for one test, and the workers it starts
worker_process  one worker, its log and its end
dying_worker    a worker that kills itself at a named point
buyer           a publisher process
publishing      messages as any program may send them, sound or not
listening       what arrives at a queue, byte for byte
"""

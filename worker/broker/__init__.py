"""The edge to the broker on the worker's side; aio-pika is known here and in `publisher.broker` only.

topology   what is declared: exchanges, queues, their arguments
source     a lane's deliveries from its queue
outbox     answers and dead letters, published in batches
forwarder  carries commands that came without a hash to their partitions
tolerant_decoding  properties that break the rules of AMQP
errors     what the operator must mend
"""

"""The edge to the broker on the worker's side; aio-pika is known here and in `publisher.broker` only.

session             one connection for consuming, from its opening to its loss
topology            what is declared: exchanges, queues, their arguments
source              a lane's deliveries from its queue
turns               how many lanes work at a time
outbox              answers and dead letters, published in batches
forwarder           carries commands that came without a hash to their partitions
rounds              what of them may be on its way at once
assembly            where workers hear of each other
roll_call           asks all workers how they are
report_messages     the question and the answer, as they are sent
verified_user       who sent a message, as the broker has checked it
bundle_header       tells what workers send each other from commands
carried_headers     headers of a message that is passed on
queue_counts        how much waits, for operators
errors              what the operator must mend
"""

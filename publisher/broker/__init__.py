"""The edge to the broker on the publishing side; nothing outside it knows aio-pika.

loss                 a lost connection is no cancelled task
connection           open one named connection, or say why not
messages             what is to be published
frames               the bytes of a publish
confirmed_channel    publish a batch in one write and wait for all its confirms
sender               a publishing connection that comes back by itself
tapped_connection    a connection whose deliveries do not go through the client library
delivery_tap         takes them out of its bytes; received_properties: reads what they say about themselves
consumed_channel     one consumer on one channel, until the first loss
consumer             one on a connection of its own, its queue declared and bound
"""

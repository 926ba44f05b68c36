"""Publishers and consumers, each a process of its own that writes down what it does, one JSON object a line.

orders     what is sent to one shelf: a pure function of a seed
shelf      one SKU and who sends to it, in a known order
baskets    whole orders: a pure function of a seed
checkout   who places them, and gives some of them up
sending    sends until the broker has it, and notes how each try ended
journal    the file of lines
standard_input   where these processes, and the workers under test, are told things
publisher  `python -m tests.faults.load.publisher`: several shelves, and extras when told to
extras     duplicates, conflicts, rubbish and bursts
consumer   `python -m tests.faults.load.consumer`: takes all of one queue, and notes it before acknowledging
"""

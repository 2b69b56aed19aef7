"""Workers on a Ray cluster: the only home of Ray.

A worker is an actor (``station``) that keeps a pool of one process on its node: there it trains as it would on one
machine, and what ends it is told apart in the same way. The driver (``pool``) asks each actor for news, and writes the
files that come with them (``parcels``). Training and validation data go to each node once (``delivery``).
"""

"""The Faust shell of a service that keeps a state per key and judges its input record by record.

The shell knows topics, offsets, bytes and time limits, and nothing of what is judged. A service hands
``shell.build`` two things:

- a ``StreamSpec``: the facts (group, input and state topic, how snapshots and headers are read, metrics);
- a ``Logic``: what is done with a partition: ``restore`` it, ``judge`` a record, tell the snapshots that have
  ``changed`` and the ``header`` that goes with them, ``gauge`` and ``health``.

What the shell does with them:

1. ``chunked``: Faust hands over one message per partition and poll; reading begins where a load says.
2. ``loader``, ``guard``: after a rebalance, before records flow, headers and snapshots of the assigned
   partitions are read from the state topic (per key the largest ``as_of``); the log must be the one that they
   were made of, else the process ends (exit code 3) and names the remedy, which ``adoption`` carries out.
3. ``worker``: under one lock, each record is judged and its outgoing records are queued; those of an
   earlier assignment are dropped. Whatever fails: all is forgotten and the process ends.
4. ``batches``: everything that a worker writes goes through one object, in batches with one future each.
   A fence that keeps a worker from writing after it lost a partition has its place there (what is sent)
   and in ``loader.Checkpointed.take`` (what is read back).
5. ``checkpoint``: sent records acknowledged -> snapshots acknowledged -> headers acknowledged -> offsets
   committed; when due, when a backlog is worked off, and before partitions or the process go.
"""

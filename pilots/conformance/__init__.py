"""The conformance check: a workload does the same work in every stack, in the way the pilots rely on.

It runs in a trial process, for one candidate, and knows of frameworks only what :mod:`pilots.pilot` promises.
"""

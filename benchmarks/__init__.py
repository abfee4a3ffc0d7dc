"""Benchmarks of advisor itself: run by hand, ``make bench``. Every result is a ratio taken within one run."""

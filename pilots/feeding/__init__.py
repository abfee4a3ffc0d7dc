"""The feeding gate: which rows a training gets in which order, and what differs between training and evaluation.

The gate of :mod:`pilots.parity` compares models on batches that it chooses. Here the loop chooses them: the very
``fit`` that is timed trains a small model whose running statistics tell which rows each step got.
"""

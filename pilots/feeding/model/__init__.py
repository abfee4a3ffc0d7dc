"""A model that tells what it was fed, in every stack.

Rows are images of one pixel, each with a channel of its own. ``rows`` normalises them with momentum 0, so that its
running mean is the mean of the batch: one part in the size of the batch for each row that was in it. ``drawn``
normalises what dropout makes of ones, so that its running mean tells how much was dropped. Both follow the batch in
training alone.
"""

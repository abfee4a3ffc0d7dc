"""The routes out of a framework, one module each, found by listing this folder.

A module declares itself in ``ROUTE`` (see :class:`pilots.routes.Route`) and has three functions, which never
meet in one process: ``export(subject, folder)`` writes the artifact and returns what had to be worked around;
``load(artifact)`` loads it where only the runtime is; ``run(loaded, x)`` predicts, numpy in and numpy out. What it
needs beyond numpy is imported inside them, so that routes can be listed where nothing is installed.

Two more functions are optional. ``time_calls(loaded, x, calls)`` predicts the same rows so often and returns the
milliseconds of each call, the first one included, timed where the model runs: for routes whose ``run`` reaches it from
outside, by way of a browser's page, say. ``figures(loaded)`` returns the :class:`pilots.records.Figures` that only this
route can tell, asked for once the artifact predicts the same. Processes that ``load`` starts are ended with the one it
runs in.
"""

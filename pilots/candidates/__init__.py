"""The framework stacks that can be chosen, one descriptor a module; see :class:`pilots.candidate.Candidate`."""

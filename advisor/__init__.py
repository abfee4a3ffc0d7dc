"""Choose a deep-learning framework on evidence gathered on the user's own hardware."""

__version__ = "0.1.0"

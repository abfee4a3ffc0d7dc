"""The kinds of measurement, one module each. They share one opened trial and answer over its channel."""

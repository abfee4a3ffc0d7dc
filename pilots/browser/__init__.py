"""Models in a real browser: a server on this computer alone, a Chromium without a window, and a page in it."""

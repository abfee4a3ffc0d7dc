"""Programs in C and C++ that load artifacts, and how this project talks to them."""

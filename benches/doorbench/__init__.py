"""The parts of `make bench`; run.py beside this folder puts them together."""

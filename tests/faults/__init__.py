"""Faults on purpose: what is killed, filled up or cut off while people work, and what must hold afterwards."""

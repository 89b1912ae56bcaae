// Nothing to call: see Driver.c.

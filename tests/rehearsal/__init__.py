"""Tests of rehearsals: nothing breaks in the product, and every planted bug is found."""

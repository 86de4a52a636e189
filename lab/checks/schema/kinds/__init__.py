"""One file for each kind of thing that is compared; its `KIND` is the whole declaration."""

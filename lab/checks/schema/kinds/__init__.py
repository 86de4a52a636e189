"""One file for each kind of thing that is compared: its `KIND` says all there is to say of it."""

"""What the portal costs, against floors and peers that anyone can run again: `make bench`."""

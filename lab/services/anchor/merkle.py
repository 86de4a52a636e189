"""Merkle trees of a ledger's leaves, hashed as in RFC 6962 and C2SP tlog-tiles."""

from hashlib import sha256


def hash_leaf(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree to which leaves are only appended; keeps the roots of its perfect subtrees, the largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append the hash of a leaf."""
        node, rest = leaf, self.size
        while rest & 1:
            node = hash_node(self._roots.pop(), node)
            rest >>= 1
        self._roots.append(node)
        self.size += 1

    @property
    def root(self) -> bytes:
        """Return the root hash; of an empty tree, the hash of nothing."""
        if not self._roots:
            return sha256(b"").digest()
        *others, root = self._roots
        for left in reversed(others):
            root = hash_node(left, root)
        return root

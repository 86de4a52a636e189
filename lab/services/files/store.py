"""What every store of files keeps to: names that follow from the content, and faults that are short codes."""

import hashlib
import re
from typing import Protocol

_DIGEST, _OWNER = 64, 12  # hexadecimal digits
# Files that were kept before artifacts were named in them have no second part.
_NAME = re.compile(rf"[0-9a-f]{{2}}/[0-9a-f]{{62}}(?:-[0-9a-f]{{{_OWNER}}})?\.[a-z0-9]{{2,4}}")
MEDIA_TYPES = {"pdf": "application/pdf", "png": "image/png"}


class StoreFault(Exception):
    """A store did not do what it was asked; shows its code alone.

    Args:
        code: Short code for `delivery_jobs.error_class`, such as `store.denied`.
        permanent: True when another attempt cannot succeed.
    """

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        super().__init__(code)
        self.code, self.permanent = code, permanent


class FileGone(StoreFault):
    """There is no file of this name."""

    def __init__(self) -> None:
        super().__init__("file.gone")


class FileChanged(StoreFault):
    """A file's content is not the one that its name tells of."""

    def __init__(self) -> None:
        super().__init__("file.changed")


class Store(Protocol):
    """Where files are kept. The same content of the same artifact has the same name, so a repetition changes nothing.

    Nobody but the program can read a file: there is no public address, and no signed one is made.
    """

    def put(self, content: bytes, suffix: str, owner: str) -> str:
        """Keep a file, and return its name once it is stored for good.

        Args:
            content: The file.
            suffix: What kind of file it is: pdf or png.
            owner: The id of its artifact. Two artifacts with the same content have a file each.

        Raises:
            StoreFault: It cannot be written.
        """
        ...

    def get(self, name: str) -> bytes:
        """Return a file's content.

        Raises:
            FileGone: There is no file of this name.
            FileChanged: Its content is not the one that its name tells of.
            StoreFault: It cannot be read.
        """
        ...

    def delete(self, name: str) -> None:
        """Delete a file; one that is gone already is no error.

        Raises:
            StoreFault: It cannot be deleted.
        """
        ...

    def check(self) -> None:
        """Find out whether files can be kept here, and whether nobody else can read them. Nothing is written.

        Raises:
            StoreFault: They cannot, or somebody else can.
        """
        ...


def name_file(content: bytes, suffix: str, owner: str) -> str:
    """Return the name of a file: the SHA-256 of its content, and the first digits of its artifact's id."""
    digest = hashlib.sha256(content).hexdigest()
    return f"{digest[:2]}/{digest[2:]}-{owner.replace('-', '')[:_OWNER]}.{suffix}"


def is_name(name: str) -> bool:
    """Tell whether a name has the form of a file's; one of another form leads to no file."""
    return _NAME.fullmatch(name) is not None


def check_content(name: str, content: bytes) -> bytes:
    """Return a file's content if it is the one that its name tells of.

    Raises:
        FileChanged: It is not.
    """
    if hashlib.sha256(content).hexdigest() != name.replace("/", "")[:_DIGEST]:
        raise FileChanged
    return content


def media_type(name: str) -> str:
    """Return the media type of a file, by its name."""
    return MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream")

"""Every kind of thing that is compared, in one list."""

from lab.access_kinds import ACCESS_KINDS
from lab.schema_kinds import SCHEMA_KINDS

KINDS = (*SCHEMA_KINDS, *ACCESS_KINDS)

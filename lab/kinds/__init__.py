"""Every kind of thing that is compared, in one list."""

from lab.compare import Kind
from lab.kinds.code import CODE
from lab.kinds.constraints import CONSTRAINTS
from lab.kinds.policies import POLICIES
from lab.kinds.privileges import PRIVILEGES
from lab.kinds.relations import RELATIONS
from lab.kinds.roles import ROLES
from lab.kinds.strangers import STRANGERS

KINDS: tuple[Kind, ...] = (
    *RELATIONS,
    *CONSTRAINTS,
    *CODE,
    *POLICIES,
    *PRIVILEGES,
    *ROLES,
    *STRANGERS,
)

__all__ = ["KINDS"]

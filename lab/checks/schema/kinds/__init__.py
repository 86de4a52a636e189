"""Every kind of thing that is compared, in one list."""

from lab.checks.schema.compare import Kind
from lab.checks.schema.kinds.constraints import CONSTRAINTS
from lab.checks.schema.kinds.functions import CODE
from lab.checks.schema.kinds.policies import POLICIES
from lab.checks.schema.kinds.privileges import PRIVILEGES
from lab.checks.schema.kinds.relations import RELATIONS
from lab.checks.schema.kinds.roles import ROLES
from lab.checks.schema.kinds.undeclared import STRANGERS

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

"""The SQL that restores a rule. It never drops data: a stranger is closed, a lost column comes back empty."""

from lab.checks.schema.repairs.script import order_repairs, repair_script, write_remark

__all__ = ["order_repairs", "repair_script", "write_remark"]

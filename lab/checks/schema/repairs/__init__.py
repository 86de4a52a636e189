"""The SQL that restores a rule. It never drops data: an undeclared relation is closed, a lost column is added empty."""

from lab.checks.schema.repairs.script import order_repairs, repair_script, write_remark

__all__ = ["order_repairs", "repair_script", "write_remark"]

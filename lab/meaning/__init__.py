"""Whether two forms of an expression mean the same."""

from lab.meaning.judgement import judge

__all__ = ["judge"]

"""Whether two forms of an expression mean the same."""

from lab.meaning.judgement import Kept, judge

__all__ = ["Kept", "judge"]

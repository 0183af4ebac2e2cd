"""Which cells of respondents may be published, and what an attacker can work out from those that are.

The rule is on the number of respondents *behind* a published mean, share or distribution: a cell with 1 to minimum − 1
of them is not shown (primary suppression), and further cells are left out so that it does not follow from totals
(complementary suppression). An empty cell is no disclosure of a mean: nobody answered, and no row stands for it. The
count of one answer within a base of at least the minimum is shown: it is the answer and not a group.
"""

from maternal_eval.disclosure.audit import audit_table, feasible_intervals
from maternal_eval.disclosure.published import PUBLISHED, protect
from maternal_eval.disclosure.suppression import Relation, suppressed

__all__ = ["PUBLISHED", "Relation", "audit_table", "feasible_intervals", "protect", "suppressed"]

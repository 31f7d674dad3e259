"""Export-control law as text that can be read, checked, run and compared.

>>> import portcullis
>>> policy = portcullis.load("eu.torture")
>>> decision = policy.decide({"date": "2026-03-02", "activity": "export", "from": "DE", "destination": "TR",
...                           "goods": {"code": "7326 90 98", "kind": "leg_cuffs"}})
>>> decision.outcome
'licence_required'

What is not known is never "no": an outcome is stated only if every value of the unknown facts agrees. It is not legal
advice.
"""

from ._answers import Decision, Diff, Question, Step, diff
from ._errors import ConsignmentError, Diagnostic, Error, PolicyError
from ._policy import Policy, load
from ._screen import Screened, Screener

__all__ = [
    "ConsignmentError",
    "Decision",
    "Diagnostic",
    "Diff",
    "Error",
    "Policy",
    "PolicyError",
    "Question",
    "Screened",
    "Screener",
    "Step",
    "diff",
    "load",
]

"""An answer judged at first sight: it must be ok, or it must fail with one of some codes."""

from typing import Any

from conformance.client import Answer
from conformance.model import Short

Tree = dict[str, Any]
OK = "HTTP 200 and status ok"


def error_text(tree: Tree) -> str:
    error = tree.get("error")
    if isinstance(error, dict):
        return f"error {error.get('code')} ({error.get('message', 'no message')})"
    return f"status {tree.get('status')!r}"


def accepted(answer: Answer) -> Tree:
    """The content of an answer that must be HTTP 200 and ok."""
    tree = answer.tree()
    if answer.status != 200:
        raise Short(f"{answer.asked} answered HTTP {answer.status}", OK)
    if tree.get("status") != "ok":
        raise Short(f"{answer.asked} answered {error_text(tree)}", OK)
    return tree


def must_fail(answer: Answer, codes: tuple[int, ...]) -> Tree:
    """The content of an answer that must be HTTP 200 and a failure with one of these codes."""
    wanted = " or ".join(map(str, codes))
    told = f"HTTP 200, status failed, error {wanted}"
    if answer.status != 200:
        raise Short(f"{answer.asked} answered {answer.brief()} instead of error {wanted}", told)
    tree = answer.tree()
    error = tree.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if tree.get("status") != "failed" or code not in codes:
        raise Short(f"{answer.asked} answered {error_text(tree)} instead of error {wanted}", told)
    return tree

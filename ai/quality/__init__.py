"""Quality, measured: a corpus whose truth is known, what our analyser says of it, and what it has to reach.

`python -m ai.quality` composes and plays the corpus, listens to it with the same
child that listens to everybody's music, and prints a table of what was reached
beside what has to be. The rule a newcomer would break: a gate is lowered with a
reason in the commit, never because it fails.
"""

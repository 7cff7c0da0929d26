"""The contract of the Miyun monitor: what travels on the log and what stands in the plan.

Nothing here does input or output and nothing here imports another package of the project.
"""

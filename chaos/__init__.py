"""The fault suite: random jobs run while what they depend on is killed, filled, frozen or cut off.

A *round* submits a few random jobs (`jobs`), injects faults at moments that events choose (`plan`, `faults`), waits
until every job is final, and has the auditor compare what is there with what must be (`auditor`). One *world* (servers
over one data folder) lives through many rounds, as a real one does. `python chaos/run.py --rounds 20 --seed 1`.
"""

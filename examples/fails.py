"""Fails on purpose in the middle of its data: the job's page shows this file's own line first."""

import datachain as dc


def parse(line: str) -> int:
    return int(line)


lines = [str(i) for i in range(500)]
lines[321] = "three hundred and twenty-one"

dc.read_values(line=lines).save("lines")
dc.read_values(line=lines).map(number=parse).save("numbers")

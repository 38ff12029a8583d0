/** Prints a line every 200 ms for as long as a test may need. */
export const SLOW = `import time

for i in range(600):
    print(f"\\033[32mline {i}\\033[0m", flush=True)
    time.sleep(0.2)
`;

export const FAILS = `def scale(rows):
    factor = rows["factor"]
    return factor * 2


print("before the failure")
scale({"size": 3})
`;

export const SYNTAX_ERROR = `import datachain as dc

def broken(:
    print("never")
`;

export const QUICK = `print("a quick one")
`;

/** The names of signals that end a process, by their number on Linux and macOS. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM'
};

/** The signal that an exit code stands for; null when the code is the script's own. */
export function signalOf(exitCode: number): string | null {
  return exitCode < 0 ? (NAMES[-exitCode] ?? `signal ${-exitCode}`) : null;
}

/** Every refusal of the server, as it says it: what happened and what to do. */
export class ApiError extends Error {
  constructor(
    /** The HTTP status, or 0 when no answer came. */
    readonly status: number,
    /** Stable word for programs. */
    readonly code: string,
    message: string,
    /** One sentence that says what to do; may be empty. */
    readonly hint: string,
    readonly details: Readonly<Record<string, unknown>> | null = null
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** Where a script cannot be compiled; `line` and `column` are 1-based. */
export interface ISyntaxProblem {
  readonly line: number;
  readonly column: number | null;
  readonly text: string | null;
}

/** The place that a refusal names, if it names one. */
export function placeOf(error: unknown): ISyntaxProblem | null {
  const details = error instanceof ApiError ? error.details : null;
  if (typeof details?.line !== 'number') {
    return null;
  }
  return {
    line: details.line,
    column: typeof details.column === 'number' ? details.column : null,
    text: typeof details.text === 'string' ? details.text : null
  };
}

/** No answer came: the server is stopped, or the network is away. */
export function unreachable(cause: unknown): ApiError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ApiError(
    0,
    'server_unreachable',
    `The server did not answer (${reason}).`,
    'Check that Jupyter Server is running and try again.'
  );
}

/** What an answer with a 4xx or 5xx means. */
export async function fromResponse(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed && typeof parsed === 'object') {
      body = parsed as Record<string, unknown>;
    }
  } catch {
    // A proxy answered in its own words: the status must do.
  }
  const string = (value: unknown): string =>
    typeof value === 'string' ? value : '';
  return new ApiError(
    response.status,
    string(body.code) || `http_${response.status}`,
    // Jupyter's own refusals carry `reason` and `message` and no code.
    string(body.message) ||
      string(body.reason) ||
      `The server answered ${response.status} ${response.statusText}`.trim() +
        '.',
    string(body.hint),
    body.details && typeof body.details === 'object'
      ? (body.details as Record<string, unknown>)
      : null
  );
}

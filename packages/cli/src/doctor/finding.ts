/** What one check found. */
export interface Finding {
  readonly state: 'ok' | 'warning' | 'failure';
  /** What was looked at, in one or two words. */
  readonly about: string;
  /** What is so. */
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export function ok(about: string, text: string): Finding {
  return { state: 'ok', about, text };
}

export function warning(about: string, text: string, remedy: string): Finding {
  return { state: 'warning', about, text, remedy };
}

export function failure(about: string, text: string, remedy: string): Finding {
  return { state: 'failure', about, text, remedy };
}

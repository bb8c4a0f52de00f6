import { RE2JS, type RE2JSSyntaxException } from 're2js';

/**
 * Patterns of users are RE2, unanchored, and never run on V8's engine, whose backtracking one of them could use
 * to stop the process. Returns the compiled pattern, or Go's words about what is wrong with it.
 */
export function compilePattern(
  pattern: string,
): { readonly test: (text: string) => boolean } | { readonly error: string } {
  try {
    const compiled = RE2JS.compile(pattern);
    return { test: (text) => compiled.test(text) };
  } catch (error) {
    const { message } = error as RE2JSSyntaxException;
    return { error: message.includes('trailing backslash') && !message.includes('`') ? `${message}: \`\`` : message };
  }
}

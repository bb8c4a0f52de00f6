/** A check of the sources: what it finds in one file, and texts in which it must find something. */
export interface SourceCheck {
  /** What is checked, for the last line: `412 modules, 0 complaints`. */
  readonly unit: string;
  readonly files: readonly string[];
  /** Fewer files than this mean that the check looks in the wrong place. */
  readonly atLeast: number;
  readonly complaintsOf: (file: string, text: string) => readonly string[];
  /** Violations as [file, text]: on each run the check proves that it would find them. */
  readonly planted: readonly (readonly [file: string, text: string])[];
  /** Texts that are right, though they look like a violation. */
  readonly allowed: readonly (readonly [file: string, text: string])[];
}

/** Runs a check, prints its complaints, and sets the exit code. */
export function runSourceCheck(check: SourceCheck, read: (file: string) => string): void {
  const complaints = check.files.flatMap((file) => check.complaintsOf(file, read(file)));
  const broken = (why: string) => complaints.push(`the check itself is broken: ${why}`);
  for (const [file, text] of check.planted) {
    if (check.complaintsOf(file, text).length === 0) broken(`it does not find ${text} in ${file}`);
  }
  for (const [file, text] of check.allowed) {
    for (const complaint of check.complaintsOf(file, text)) broken(`it complains of ${text}: ${complaint}`);
  }
  if (check.files.length < check.atLeast) broken(`it saw only ${check.files.length} ${check.unit}`);
  for (const complaint of complaints) console.error(complaint);
  console.log(`${check.files.length} ${check.unit}, ${complaints.length} complaints`);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}

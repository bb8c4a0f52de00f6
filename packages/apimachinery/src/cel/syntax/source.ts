import type { Location, OffsetRange, Source } from './ast.ts';

const lineFeed = 10;

/** The text of an expression with its lines; columns and offsets count code points. */
export const textSource = (text: string, description = '<input>'): Source => {
  const lineOffsets: number[] = [];
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    if (point > 0xffff) i++;
    length++;
    if (point === lineFeed) lineOffsets.push(length);
  }
  lineOffsets.push(length + 1);
  return { text, description, length, lineOffsets };
};

export const noLocation: Location = { line: -1, column: -1 };

/** The line and column of an offset; offsets behind the end belong to the last line. */
export const locationOf = (source: Source, offset: number): Location => {
  let line = 1;
  let column = offset;
  for (const lineOffset of source.lineOffsets) {
    if (lineOffset > offset) break;
    line++;
    column = offset - lineOffset;
  }
  return { line, column };
};

/** Where a node starts, or `noLocation` if nobody knows. */
export const startOf = (source: Source, positions: ReadonlyMap<number, OffsetRange>, id: number): Location => {
  const range = positions.get(id);
  return range === undefined ? noLocation : locationOf(source, range.start);
};

/** The text of a line without its line feed; undefined if there is no such line. */
export const snippetOf = (source: Source, line: number): string | undefined => {
  if (source.length === 0 || line < 1 || line > source.lineOffsets.length + 1) return undefined;
  const points = source.length === source.text.length ? source.text : Array.from(source.text);
  const start = line === 1 ? 0 : (source.lineOffsets[line - 2] as number);
  const end = source.lineOffsets[line - 1];
  const part = points.slice(start, end === undefined ? source.length : end - 1);
  return typeof part === 'string' ? part : part.join('');
};

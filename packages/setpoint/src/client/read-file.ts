/** An import statement would read every export of node:fs, among them its promises: 2 % of the processor time of a start. */
const fs = process.getBuiltinModule('node:fs');

/** @throws the system's error, with its `code` */
export function readFile(file: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    fs.readFile(file, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
}

export async function readText(file: string): Promise<string> {
  return (await readFile(file)).toString('utf8');
}

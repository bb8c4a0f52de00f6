import { existsSync, type FSWatcher, readdirSync, watch } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Tells of every file written, replaced, created or removed below a folder. One watch for each folder: Node's own
 * recursive watch loses sight of a file that an editor saves by renaming a new one over it (Linux).
 */
export class FolderWatcher implements Disposable {
  readonly #root: string;
  readonly #changed: (file: string) => void;
  readonly #watchers = new Map<string, FSWatcher>();

  /** @param changed gets the path relative to the folder */
  constructor(folder: string, changed: (file: string) => void) {
    this.#root = folder;
    this.#changed = changed;
    this.#watch(folder);
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string): readonly string[] {
    if (this.#watchers.has(folder)) return [];
    let watcher: FSWatcher;
    try {
      watcher = watch(folder, (event, name) => this.#event(folder, event, name));
    } catch {
      // Gone again before it could be watched.
      return [];
    }
    this.#watchers.set(folder, watcher);
    watcher.on('error', () => this.#forget(folder));
    return this.#below(folder);
  }

  #event(folder: string, event: string, name: string | null): void {
    if (name !== null) this.#changed(relative(this.#root, join(folder, name)));
    if (event !== 'rename') return;
    // A folder may have come, with files in it, or gone.
    if (name !== null && !existsSync(join(folder, name))) this.#forget(join(folder, name));
    for (const file of this.#below(folder)) this.#changed(file);
  }

  /** Watches the folders in a folder; the files in those that are new. */
  #below(folder: string): readonly string[] {
    const found: string[] = [];
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (!entry.isDirectory() || entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
        if (this.#watchers.has(path)) continue;
        found.push(...this.#watch(path), ...filesIn(path).map((file) => relative(this.#root, file)));
      }
    } catch {
      this.#forget(folder);
    }
    return found;
  }

  #forget(folder: string): void {
    for (const [path, watcher] of this.#watchers) {
      if (path !== folder && !path.startsWith(join(folder, '/'))) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }
}

function filesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
}

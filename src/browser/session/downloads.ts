import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { makeFolders } from "../../base/files/makeFolders.ts";
import type { Download } from "playwright-core";
import { headOf } from "../../base/cutText.ts";
import type { BrowserFile } from "../../protocol/browser.ts";

const MAX_NAME_CHARS = 120;
/** A file system takes 255, and a later file of that name gets a number. */
const MAX_NAME_BYTES = 240;

/** What pages had a session download: into one folder, under names that lead nowhere else. */
export class Downloads {
  readonly files: BrowserFile[] = [];
  /** Of those that failed, why. */
  readonly problems: string[] = [];
  readonly #folder: string;
  readonly #pending = new Set<Promise<void>>();
  readonly #taken = new Set<string>();
  #listing: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Begins the list with what is in the folder already, of earlier times. */
  list(): Promise<void> {
    this.#listing ??= this.#list();
    return this.#listing;
  }

  /** Those under way are to have ended. */
  async forget(): Promise<void> {
    await this.idle();
    this.files.length = 0;
    this.problems.length = 0;
    this.#taken.clear();
  }

  add(download: Download): void {
    const saved = this.#save(download).catch((error: Error) => {
      this.problems.push(`${safeName(download.suggestedFilename())}: ${error.message.split("\n")[0] ?? ""}`);
    });
    this.#pending.add(saved);
    void saved.finally(() => this.#pending.delete(saved));
  }

  /** Resolves when nothing is on its way any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#pending);
  }

  /** Puts something made here, as a PDF, where downloads go. */
  async place(name: string): Promise<string> {
    await makeFolders(this.#folder, 0o700);
    const safe = safeName(name);
    const extension = extname(safe);
    const stem = safe.slice(0, safe.length - extension.length);
    for (let count = 1; ; count += 1) {
      const candidate = count === 1 ? safe : `${stem} (${count})${extension}`;
      const path = join(this.#folder, candidate);
      const key = candidate.toLowerCase();
      if (this.#taken.has(key) || (await exists(path))) continue;
      this.#taken.add(key);
      return path;
    }
  }

  async #list(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        const found = await stat(path).catch(() => undefined);
        return found?.isFile() ? [{ at: found.mtimeMs, file: { name, path, bytes: found.size } }] : [];
      }),
    );
    const oldestFirst = found.flat().toSorted((one, other) => one.at - other.at);
    this.files.unshift(...oldestFirst.map(({ file }) => file));
  }

  async #save(download: Download): Promise<void> {
    const path = await this.place(download.suggestedFilename());
    await download.saveAs(path);
    await download.delete().catch(() => {});
    const { size } = await stat(path);
    this.files.push({ name: path.slice(this.#folder.length + 1), path, bytes: size });
  }
}

/** A file name that a page proposed, as a plain name on every system. */
export function safeName(proposed: string): string {
  const plain = proposed
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]+/gu, "_")
    .replace(/^[. ]+|[. ]+$/g, "");
  const extension = headOf(extname(plain), 20);
  let stem = headOf(plain.slice(0, plain.length - extname(plain).length), MAX_NAME_CHARS - extension.length);
  while (Buffer.byteLength(stem + extension) > MAX_NAME_BYTES) stem = headOf(stem, stem.length - 1);
  const name = `${stem}${extension}`;
  if (name === "") return "download";
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name) ? `_${name}` : name;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

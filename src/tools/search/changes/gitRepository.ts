import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { findProgram } from "../../../base/findProgram.ts";
import { BoundedMap } from "../../../base/boundedMap.ts";
import { smallText } from "../../../base/files/smallText.ts";
import { childEnv } from "../../../processes/childEnv.ts";
import { readHead } from "./gitHead.ts";

/** The repository around a folder, as its files say; no git is asked, and nothing of its configuration is read. */
export interface GitRepository {
  /** The same value as long as the file is the same. */
  index: Buffer;
  /** When the index was written: a file that changed no earlier may differ from it unseen. */
  indexNs: bigint;
  objects: string;
  /** Where its HEAD is, in words; undefined where that is not known. */
  head: string | undefined;
  /** From the repository to the folder, with "/" at its end; "" for the folder itself. */
  prefix: string;
}

const MOST_INDEX_BYTES = 32_000_000;
/** Of the repositories that were looked at last: most commands leave it as it is. */
const lastRead = new BoundedMap<string, { stamp: string; bytes: Buffer }>(4);
const TIMEOUT_MS = 20_000;
const MOST_BYTES = 64_000_000;

/** Undefined where there is none, or none that is understood. */
export async function findRepository(folder: string): Promise<GitRepository | undefined> {
  for (let root = folder; ; root = dirname(root)) {
    const place = await gitFolder(root);
    if (place !== undefined) return await readRepository(place, prefixOf(root, folder));
    if (dirname(root) === root) return undefined;
  }
}

/**
 * Contents of a repository by their names, as far as they are there. They are read by git without its configuration, which may
 * come from anybody, and are what their names say.
 */
export async function readBlobs(
  repository: GitRepository,
  oids: string[],
  workspace: string,
): Promise<Map<string, Buffer>> {
  const git = findProgram(["git"], [workspace]);
  if (git === undefined || oids.length === 0) return new Map();
  const scratch = await mkdtemp(join(tmpdir(), "pincer-git-"));
  try {
    await Promise.all(["objects", "refs"].map((name) => mkdir(join(scratch, name))));
    await writeFile(join(scratch, "HEAD"), "ref: refs/heads/none\n");
    const env = {
      ...childEnv(workspace),
      GIT_DIR: scratch,
      GIT_OBJECT_DIRECTORY: repository.objects,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: devNull,
    };
    return readBatch(
      await new Promise<Buffer>((done, failed) => {
        const options = { cwd: scratch, env, timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES, windowsHide: true };
        const child = execFile(git, ["cat-file", "--batch"], { ...options, encoding: "buffer" }, (error, stdout) =>
          error && stdout.length === 0 ? failed(error) : done(stdout),
        );
        child.stdin?.on("error", () => {}).end(`${oids.join("\n")}\n`);
      }),
    );
  } catch {
    return new Map();
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What `cat-file --batch` printed: a line for each, with its bytes behind it where it is there. */
function readBatch(bytes: Buffer): Map<string, Buffer> {
  const blobs = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf("\n", at);
    if (end < 0) break;
    const [oid, kind, size] = bytes.toString("latin1", at, end).split(" ");
    at = end + 1;
    if (kind === "missing" || size === undefined) continue;
    const content = bytes.subarray(at, at + Number(size));
    at += Number(size) + 1;
    // A command may have put anything there under that name.
    const name = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
    if (kind === "blob" && name === oid) blobs.set(oid, content);
  }
  return blobs;
}

async function gitFolder(root: string): Promise<string | undefined> {
  const place = join(root, ".git");
  const found = await stat(place).catch(() => undefined);
  if (!found) return undefined;
  if (found.isDirectory()) return place;
  const link = /^gitdir: (.+)/.exec((await smallText(place, { limit: 10_000 })) ?? "")?.[1];
  return link === undefined ? undefined : resolve(root, link.trim());
}

async function readRepository(place: string, prefix: string): Promise<GitRepository | undefined> {
  const index = join(place, "index");
  const found = await stat(index, { bigint: true }).catch(() => undefined);
  if (!found?.isFile() || found.size > MOST_INDEX_BYTES) return undefined;
  const common = (await smallText(join(place, "commondir"), { limit: 10_000 }))?.trim();
  const shared = common === undefined ? place : resolve(place, common);
  const { ino, size, mtimeNs, ctimeNs } = found;
  const stamp = [ino, size, mtimeNs, ctimeNs].join(" ");
  const last = lastRead.get(index);
  const bytes = last?.stamp === stamp ? last.bytes : await readFile(index).catch(() => undefined);
  // Git writes a new file each time, so one that changes within a clock's tick has another number.
  if (bytes) lastRead.set(index, { stamp, bytes });
  if (!bytes) return undefined;
  const head = await readHead(place, shared);
  return { index: bytes, indexNs: found.mtimeNs, objects: join(shared, "objects"), head, prefix };
}

function prefixOf(root: string, folder: string): string {
  const within = relative(root, folder).split(sep).join("/");
  return within === "" ? "" : `${within}/`;
}

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { AppError, isAppError } from "../../base/appError.ts";
import { isInside } from "../../base/files/isInside.ts";
import { openRealFile } from "../../base/files/realFile.ts";
import { followPath } from "../../base/files/realPath.ts";
import { cutText } from "../../base/cutText.ts";
import { quotedLine, visibleLine } from "../../base/text/visible.ts";
import type { SkillFiles } from "../../core/ports/context/skillFiles.ts";
import type { Skill } from "../../protocol/context/skill.ts";
import { protectedReason } from "../../rules/protectedPath.ts";
import { SkillContents } from "./skillContent.ts";
import { readSkillHead, type SkillHead } from "./skillHead.ts";

const SKILL = "SKILL.md";
const MOST_SKILLS = 200;
const MOST_BYTES = 256_000;
const MOST_FILE_BYTES = 1_000_000;

export interface SkillFilesOptions {
  stateDir: string;
  /** The user's home folder, whose .agents/skills other agents know too. */
  home: string;
  /** Digests that a person has confirmed, and where one is put down. */
  confirmed: { hashes(): ReadonlySet<string>; add(hash: string): Promise<void> };
}

/** Skills in folders. The state folder's and the home folder's are the user's own word; a workspace's waits until its content is confirmed. */
export function openSkillFiles({ stateDir, home, confirmed }: SkillFilesOptions): SkillFiles {
  const contents = new SkillContents();
  const own = [join(stateDir, "skills"), join(home, ".agents", "skills")];

  /** Its text, as it was listed. */
  const listed = async (skill: Skill, path: string, limit: number): Promise<string> => {
    const bytes = await readBytes(join(skill.path, path), limit);
    const now = skill.from === "user" ? undefined : await contents.look(skill.path);
    if (now && (now.hash !== skill.hash || now.digests.get(path) !== digestOf(bytes)))
      throw new AppError("conflict", `The skill ${skill.name} has changed since it was looked at`);
    return textOf(bytes, path);
  };

  return {
    async list(workspace) {
      // Asked for at each run's start, and most have none.
      const rootsIn = (folder?: string) =>
        folder === undefined ? [] : [".agents", ".claude"].map((name) => join(folder, name, "skills"));
      if (![...own, ...rootsIn(workspace)].some((root) => existsSync(root))) return [];
      const real = workspace === undefined ? undefined : await followPath(workspace).catch(() => undefined);
      const roots = rootsIn(real);
      const folders = [
        ...(await Promise.all(own.map((root) => foldersOf(root, "user", real)))),
        ...(await Promise.all(roots.map((root) => foldersOf(root, "workspace", real)))),
      ].flat();
      // The same folder by another name, as where links are made for other agents.
      const each = [...new Map(folders.toReversed().map((found) => [found.path, found])).values()].toReversed();
      const hashes = each.some(({ from }) => from === "workspace") ? confirmed.hashes() : new Set<string>();
      const skills = await Promise.all(
        each.map(async (found): Promise<Skill> => {
          if (found.problem !== undefined) return broken(found, found.problem);
          try {
            const read = await readFolder(found, contents);
            const isConfirmed = found.from === "user" || hashes.has(confirmationOf(read.hash));
            return { ...read, from: found.from, path: found.path, confirmed: isConfirmed };
          } catch (error) {
            if (!isAppError(error) && !isSystems(error)) throw error;
            return broken(found, error.message);
          }
        }),
      );
      return ranked(skills);
    },
    async body(skill) {
      const { body } = readSkillHead(await listed(skill, SKILL, MOST_BYTES), basename(skill.path));
      return body;
    },
    async file(skill, path) {
      const names = path.replace(/^\.\//, "").split(/[\\/]/);
      const plain = names.join("/");
      if (names.some((name) => name === "" || name === "." || name === "..") || path.includes("\0"))
        throw new AppError("bad_request", `${quotedLine(path)} is no path within the skill ${skill.name}`);
      const reason = protectedReason(plain, "read");
      if (reason !== undefined) throw new AppError("forbidden", `${plain} of the skill ${skill.name}: ${reason}`);
      const real = await followPath(join(skill.path, plain)).catch(() => undefined);
      if (real === undefined)
        throw new AppError("not_found", `The skill ${skill.name} has no file ${quotedLine(plain)}`);
      const folder = await followPath(skill.path);
      if (!isInside(folder, real))
        throw new AppError("forbidden", `${plain} of the skill ${skill.name} is a link that leads out of it`);
      return await listed(
        { ...skill, path: folder },
        real.slice(folder.length + 1).replaceAll("\\", "/"),
        MOST_FILE_BYTES,
      );
    },
    async names(skill) {
      const content = await contents.look(skill.path).catch((error: unknown) => {
        if (isAppError(error) || isSystems(error)) return undefined;
        throw error;
      });
      return [...(content?.digests.keys() ?? [])].filter(
        (name) => name !== SKILL && protectedReason(name, "read") === undefined,
      );
    },
    confirm: (hash) => confirmed.add(confirmationOf(hash)),
  };
}

/** Apart from what is confirmed of other files. */
const confirmationOf = (hash: string): string => `skill:${hash}`;

interface Folder {
  /** Real, unless it has a problem. */
  path: string;
  from: Skill["from"];
  problem?: string;
}

/** The folders of skills in a folder of them, with or without a SKILL.md that can be read. */
async function foldersOf(root: string, from: Skill["from"], workspace: string | undefined): Promise<Folder[]> {
  if (!existsSync(root)) return [];
  const all = (await readdir(root).catch(() => [])).toSorted();
  const names = all.slice(0, MOST_SKILLS);
  const found = await Promise.all(
    names.map(async (name): Promise<Folder[]> => {
      const path = join(root, name);
      const file = await skillFileOf(path);
      if (file === undefined) return [];
      // Other systems would find it, and take it for another file's name here.
      if (file !== SKILL)
        return [{ path, from, problem: `Its file is called ${quotedLine(file)}, and has to be ${SKILL}` }];
      const real = await followPath(path).catch(() => undefined);
      if (real === undefined) return [];
      // What lies in a workspace is the workspace's, whatever leads there.
      if (workspace !== undefined && isInside(workspace, real)) return [{ path: real, from: "workspace" }];
      if (from === "user") return [{ path: real, from }];
      return [{ path, from, problem: "It is a link that leads out of the workspace" }];
    }),
  );
  const left = all.length - names.length;
  const tooMany = { path: root, from, problem: `${left} more folders are not looked at: it may have ${MOST_SKILLS}` };
  return left > 0 ? [...found.flat(), tooMany] : found.flat();
}

/** The name of what a folder has for a SKILL.md, also of one that is a link to nothing. */
async function skillFileOf(folder: string): Promise<string | undefined> {
  const names: string[] = await readdir(folder).catch(() => []);
  return names.includes(SKILL) ? SKILL : names.find((name) => name.toLowerCase() === SKILL.toLowerCase());
}

/** What is listed of a skill: its head, and the digest that is confirmed. A workspace's is held to all its files. */
async function readFolder(
  { path, from }: Folder,
  contents: SkillContents,
): Promise<Omit<SkillHead, "body"> & { hash: string }> {
  const bytes = await readBytes(join(path, SKILL), MOST_BYTES);
  const { body: _, ...head } = readSkillHead(textOf(bytes, SKILL), basename(path));
  return { ...head, hash: from === "workspace" ? (await contents.look(path)).hash : digestOf(bytes) };
}

async function readBytes(path: string, limit: number): Promise<Buffer> {
  await using file = await openRealFile(path, "read");
  const { size } = await file.stat();
  if (size > limit) throw new AppError("bad_request", `${basename(path)} has ${size} bytes, and may have ${limit}`);
  return await file.readFile();
}

function textOf(bytes: Buffer, path: string): string {
  if (bytes.includes(0)) throw new AppError("bad_request", `${path} is no text`);
  return bytes.toString("utf8");
}

function digestOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function broken({ path, from }: Folder, problem: string): Skill {
  return {
    name: visibleLine(basename(path), 64),
    description: "",
    from,
    path,
    hash: "",
    confirmed: false,
    forModel: false,
    forPeople: false,
    notes: [],
    problem: cutText(problem, 500),
  };
}

/** Of one name the first counts, the user's own before a workspace's; the others say so. */
function ranked(skills: Skill[]): Skill[] {
  const first = new Map<string, Skill>();
  for (const skill of skills) {
    const before = first.get(skill.name);
    if (skill.problem === undefined && (!before || before.problem !== undefined)) first.set(skill.name, skill);
  }
  return skills
    .map((skill) => {
      const before = first.get(skill.name);
      if (skill.problem !== undefined || before === skill || !before) return skill;
      return {
        ...skill,
        forModel: false,
        forPeople: false,
        problem: `${before.path} has the same name, and goes before`,
      };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function isSystems(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}

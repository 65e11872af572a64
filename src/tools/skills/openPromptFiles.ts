import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import * as z from "zod";
import { AppError, isAppError } from "../../base/appError.ts";
import { cutText } from "../../base/cutText.ts";
import { defined } from "../../base/defined.ts";
import { isInside } from "../../base/files/isInside.ts";
import { openRealFile } from "../../base/files/realFile.ts";
import { followPath } from "../../base/files/realPath.ts";
import { hintText, leftOpen, readHeaded } from "../../base/input/headedText.ts";
import { parseInput } from "../../base/input/parseInput.ts";
import { quotedLine, visibleLine } from "../../base/text/visible.ts";
import type { PromptFile, PromptFiles } from "../../core/ports/context/promptFiles.ts";
import { promptName } from "../../protocol/context/prompt.ts";

const MOST_FILES = 200;
const MOST_BYTES = 64 * 1024;

/** Prompts in files: .github/prompts/NAME.prompt.md and .pincer/prompts/NAME.md of a workspace, and prompts/NAME.md of the state folder. */
export function openPromptFiles({ stateDir }: { stateDir: string }): PromptFiles {
  return {
    async list(workspace) {
      const real = workspace === undefined ? undefined : await followPath(workspace).catch(() => undefined);
      const found = [readFolder({ folder: join(stateDir, "prompts"), ending: ".md", from: "user" })];
      if (real !== undefined) {
        const theirs = { from: "workspace", workspace: real } as const;
        found.push(readFolder({ folder: join(real, ".github", "prompts"), ending: ".prompt.md", ...theirs }));
        found.push(readFolder({ folder: join(real, ".pincer", "prompts"), ending: ".md", ...theirs }));
      }
      return ranked((await Promise.all(found)).flat());
    },
  };
}

interface Place {
  folder: string;
  ending: string;
  from: PromptFile["from"];
  /** Real path of what its files may not lead out of. */
  workspace?: string;
}

async function readFolder(place: Place): Promise<PromptFile[]> {
  const names: string[] = await readdir(place.folder).catch(() => []);
  const files = names.filter((name) => name.toLowerCase().endsWith(place.ending)).toSorted();
  const prompts = await Promise.all(files.slice(0, MOST_FILES).map((name) => readPrompt(name, place)));
  const left = files.length - prompts.length;
  if (left <= 0) return prompts;
  const problem = `${left} more files are not looked at: it may have ${MOST_FILES}`;
  const { folder: path, from } = place;
  return [...prompts, { name: basename(path), description: "", from, path, body: "", notes: [], problem }];
}

async function readPrompt(fileName: string, { folder, from, workspace }: Place): Promise<PromptFile> {
  const path = join(folder, fileName);
  const plain = fileName.replace(/(\.prompt)?\.md$/i, "");
  try {
    const real = await followPath(path);
    if (workspace !== undefined && !isInside(workspace, real))
      throw new AppError("forbidden", "It is a link that leads out of the workspace");
    return { ...readPromptText(await readText(real), plain), from, path };
  } catch (error) {
    if (!isAppError(error) && !(error instanceof Error && "syscall" in error)) throw error;
    const name = visibleLine(plain, 64);
    return { name, description: "", from, path, body: "", notes: [], problem: cutText(error.message, 500) };
  }
}

const headShape = z.looseObject({
  name: leftOpen(z.string()),
  description: leftOpen(z.string()),
  "argument-hint": leftOpen(hintText),
});

const KNOWN = new Set(Object.keys(headShape.shape));

/** What a file says of its prompt. bad_request says what is wrong. */
export function readPromptText(text: string, fileName: string): Omit<PromptFile, "from" | "path"> {
  const { head, body } = readHeaded(text);
  const given = parseInput(headShape, head);
  // Names are typed behind a slash, so that a blank ends them.
  const name = (given.name ?? fileName).trim().replaceAll(/[\s.]+/g, "-");
  if (!promptName.safeParse(name).success)
    throw new AppError("bad_request", `Its name ${quotedLine(name)} is not of letters, digits, - and _, 64 at most`);
  if (body === "") throw new AppError("bad_request", "It says nothing");
  const ignored = Object.keys(head).filter((key) => !KNOWN.has(key));
  return {
    name,
    description: visibleLine(given.description ?? "", 300),
    ...defined({ argumentHint: given["argument-hint"] && visibleLine(given["argument-hint"]) }),
    body,
    notes: ignored.length > 0 ? [`Means nothing here: ${ignored.map((key) => quotedLine(key)).join(", ")}`] : [],
  };
}

async function readText(real: string): Promise<string> {
  await using file = await openRealFile(real, "read");
  const { size } = await file.stat();
  if (size > MOST_BYTES) throw new AppError("bad_request", `It has ${size} bytes, and may have ${MOST_BYTES}`);
  const bytes = await file.readFile();
  if (bytes.includes(0)) throw new AppError("bad_request", "It is no text");
  return bytes.toString("utf8");
}

/** Of one name the first counts, the user's own before a workspace's; the others say so. */
function ranked(prompts: PromptFile[]): PromptFile[] {
  const first = new Map<string, PromptFile>();
  for (const prompt of prompts)
    if (prompt.problem === undefined && !first.has(prompt.name)) first.set(prompt.name, prompt);
  return prompts.map((prompt) => {
    const before = first.get(prompt.name);
    if (prompt.problem !== undefined || before === prompt || !before) return prompt;
    return { ...prompt, problem: `${before.path} has the same name, and goes before` };
  });
}

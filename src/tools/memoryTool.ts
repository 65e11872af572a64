import * as z from "zod";
import { AppError } from "../base/appError.ts";
import { cutText, headOf } from "../base/cutText.ts";
import { untrusted } from "../base/input/untrusted.ts";
import { createRedactor } from "../base/redact.ts";
import { defineTool, type Prepared, type ToolContext } from "../core/ports/tool.ts";
import { prepareEdits } from "./files/fileEdits.ts";
import { listMemory, type MemoryFile, memoryPlaces, openMemory } from "./files/memoryFiles.ts";

const MOST_NOTE = 4000;
const MOST_FILE = 64_000;
const MOST_READ = 30_000;
const MOST_FOUND = 50;

export const memory = defineTool({
  name: "memory",
  description:
    "Notes for later sessions, this workspace's and the user's. Search (text: words) before you ask what may be noted.",
  input: z.object({
    action: z.enum(["search", "read", "add", "edit", "remove", "append"]),
    where: z.enum(["workspace", "user"]).optional(),
    file: z.string().optional(),
    text: z.string().optional(),
    oldText: z.string().optional().describe("to edit or remove"),
  }),
  effect: "write",

  async prepare({ action, where, file, text, oldText }, context) {
    if (action === "search")
      return { touches: [], looks: true, run: async () => ({ text: await search(context, text) }) };
    const place = where ?? memoryPlaces(context)[0];
    if (place === undefined) throw new AppError("bad_request", "There is no place for notes here");
    const isAll = action === "read" && where === undefined && file === undefined;
    if (isAll) return { touches: [], looks: true, run: async () => ({ text: await readThemAll(context) }) };
    const notes = await openMemory(context, place, file?.replace(/\.md$/, ""));
    if (action === "read") return { touches: [], looks: true, run: async () => ({ text: readAll([notes]) }) };
    if (action === "edit") return await prepareChange(notes, edited(notes, oldText, text), "Changed");
    // What is to go is often given as the text.
    const gone = [oldText, text].find((one) => one?.trim()) ?? oldText ?? text;
    if (action === "remove") return await prepareChange(notes, without(notes, gone), "Removed from");
    return await prepareChange(notes, withNote(notes, text), "Noted in");
  },
});

async function prepareChange(notes: MemoryFile, after: string | null, told: string): Promise<Prepared> {
  const { path, text: before, stamp, context } = notes;
  // One that somebody made longer gets shorter by steps.
  if (after !== null && after.length > Math.max(MOST_FILE, before === null ? 0 : plain(before).length - 1))
    throw new AppError(
      "bad_request",
      `${path.shown} would have ${after.length} characters, and may have ${MOST_FILE}: remove some, or use another file`,
    );
  // Lines end as they did.
  const written = before?.includes("\r\n") ? (after?.replaceAll("\n", "\r\n") ?? null) : after;
  return await prepareEdits([{ path, before, after: written, stamp }], context, `${told} ${path.shown}`);
}

function withNote({ text: there }: MemoryFile, text: string | undefined): string {
  const note = checked(text, "add");
  const before = there === null ? null : plain(there);
  const start = before === null || before === "" || before.endsWith("\n") ? (before ?? "") : `${before}\n`;
  return `${start}- ${note.replaceAll("\n", "\n  ")}\n`;
}

function edited(notes: MemoryFile, oldText: string | undefined, text: string | undefined): string {
  const before = demand(notes);
  if (!oldText) throw new AppError("bad_request", "Give the oldText that is to be replaced");
  const old = plain(oldText);
  const count = before.split(old).length - 1;
  if (count !== 1)
    throw new AppError("bad_request", `${notes.path.shown} has that text ${count} times; give one that it has once`);
  const note = checked(text, "put there");
  return before.split(old).join(note);
}

/** Without the note that holds this text; null, so that the file goes, where no text is given. */
function without(notes: MemoryFile, oldText: string | undefined): string | null {
  const before = demand(notes);
  if (oldText === undefined) return null;
  if (oldText.trim() === "")
    throw new AppError("bad_request", "oldText is empty: give what the note says, or leave it out to remove the file");
  // A note is a line that begins with a dash, and what is indented below it.
  const parts = before.split(/^(?=\S)/m);
  const found = parts.filter((part) => part.includes(plain(oldText).trim()));
  if (found.length !== 1)
    throw new AppError(
      "bad_request",
      `${found.length} notes of ${notes.path.shown} have that text; give one that one note has`,
    );
  return parts.filter((part) => part !== found[0]).join("");
}

function demand({ text, path }: MemoryFile): string {
  if (text === null) throw new AppError("not_found", `There are no notes in ${path.shown}`);
  return plain(text);
}

/** With the line ends that models write. */
function plain(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/** What is to be noted: neither too long nor a secret, which would be told to every later session. */
function checked(text: string | undefined, use: string): string {
  const note = text === undefined ? undefined : plain(text).trim();
  if (!note) throw new AppError("bad_request", `There is no text to ${use}`);
  if (note.length > MOST_NOTE)
    throw new AppError(
      "bad_request",
      `The note has ${note.length} characters, and may have ${MOST_NOTE}: keep what matters`,
    );
  if (SECRET.test(note) || createRedactor().text(note) !== note)
    throw new AppError(
      "bad_request",
      "This looks like a key, a token or a password: notes hold none. Note where it is kept instead.",
    );
  return note;
}

const SECRET =
  /-----BEGIN [A-Z ]*PRIVATE KEY|\b(AKIA|ASIA)[A-Z0-9]{16}\b|\beyJ[\w-]{10,}\.[\w-]{10,}\.|\b(password|passwd|secret|token|api[-_ ]?key)\b\s*(is|=|:)\s*\S{8,}|:\/\/[^\s:@/]+:[^\s@/]{4,}@/i;

async function readThemAll(context: ToolContext): Promise<string> {
  const { files, leftOut } = await listMemory(context);
  return [readAll(files), ...notLookedAt(leftOut)].join("\n\n");
}

function notLookedAt(leftOut: string[]): string[] {
  return leftOut.length === 0 ? [] : [`[not looked at: ${cutText(leftOut.join("; "), 1000)}]`];
}

function readAll(files: MemoryFile[]): string {
  const there = files.filter(({ text }) => text?.trim());
  if (there.length === 0) return "There are no notes yet";
  return cutText(there.map(shown).join("\n\n"), MOST_READ, "\n[more notes are not shown; read one file, or search]");
}

function shown({ place, path, text }: MemoryFile): string {
  return asTold(place, `${path.shown}:\n${headOf(text!.trim(), MOST_READ)}`);
}

/** A workspace's notes may have come with it: they are data, and not the user's word. */
function asTold(place: MemoryFile["place"], text: string): string {
  return place === "user" ? text : untrusted("memory:workspace", text);
}

async function search(context: ToolContext, text: string | undefined): Promise<string> {
  const words = (text ?? "").toLowerCase().split(/\s+/).filter(Boolean).slice(0, 20);
  if (words.length === 0) throw new AppError("bad_request", "Give the words to look for as text");
  const { files, leftOut } = await listMemory(context);
  const lines = files.map(({ place, path, text: notes }) => {
    const found = notes!.split(/^(?=\S)/m).filter((note) => words.every((word) => note.toLowerCase().includes(word)));
    const lines = found.slice(0, MOST_FOUND).map((note) => `${path.shown}: ${cutText(note.trim(), 1000)}`);
    const left = found.length - lines.length;
    if (left > 0) lines.push(`[${left} more of its notes have them: search for more words]`);
    return { place, text: lines.join("\n") };
  });
  const told = lines.filter((one) => one.text !== "").map((one) => asTold(one.place, one.text));
  const answer =
    told.length === 0
      ? "No note has all these words"
      : cutText(told.join("\n\n"), MOST_READ, "\n[more is not shown; search for more words]");
  return [answer, ...notLookedAt(leftOut)].join("\n\n");
}

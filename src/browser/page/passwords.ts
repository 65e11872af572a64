import type { Frame, Page } from "playwright-core";
import { inTime } from "../inTime.ts";
import { pageFunction } from "./pageFunction.ts";

const HIDDEN = "••••••";
/** A shorter one may be any digit or word of a page. */
const SHORTEST = 4;
/** How long a frame is waited for after the tree: one that is in it has answered by then. */
const FRAME_MS = 1000;

/** A password field: what stands there, and the role that the page gave it. */
interface Field {
  value: string;
  role: string;
  /** What it stands in may be named by what it holds, this field's value too: another field's label, a cell of a table. */
  isInName: boolean;
}

/** What is to be hidden in a tree. */
interface Secrets {
  values: string[];
  /** Of these, what is hidden in names: where a short one is part of none, it would only be told by what is missing there. */
  named: string[];
  /** Of what may be a password field. */
  roles: Set<string>;
  /** Whether the page's own fields are told, and those of all its frames: else each may be a password. */
  told: { page: boolean; frames: boolean };
}

const NAMED_TAGS = "td, th, tr, a, button, summary, option, h1, h2, h3, h4, h5, h6";
const NAMED_ROLES =
  "button cell checkbox columnheader gridcell heading link menuitem menuitemcheckbox menuitemradio option radio row rowheader switch tab tooltip treeitem";
/** Selects what is named by what it holds. */
const NAMED_BY_CONTENT = [NAMED_TAGS, ...NAMED_ROLES.split(" ").map((role) => `[role=${role}]`)].join(", ");

const fieldsOf = pageFunction<Field[]>(`() => {
  const named = ${JSON.stringify(NAMED_BY_CONTENT)};
  const found = [];
  const search = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element instanceof HTMLInputElement && element.type === "password")
        found.push({
          value: element.value,
          role: element.getAttribute("role") ?? "",
          isInName:
            (element.closest("label")?.control ?? element) !== element || !!element.parentElement?.closest(named),
        });
      if (element.shadowRoot) search(element.shadowRoot);
    }
  };
  search(document);
  return found;
}`);

/** Begins to read a page's password fields. What resolves hides their values in a tree of the page that was taken since. */
export function watchPasswords(page: Page): (tree: string) => Promise<string> {
  const asked = readFields(page.frames());
  return async (tree) => {
    const before = await settled(asked, page);
    // What did not tell once keeps nobody waiting a second time.
    const again = page.frames().filter((frame) => !before.has(frame) || before.get(frame) !== undefined);
    const after = await settled(readFields(again), page);
    return hide(tree, toSecrets(page, before, after));
  };
}

type Told = Map<Frame, Field[] | undefined>;

function readFields(frames: Frame[]): Map<Frame, Promise<Field[] | undefined>> {
  // Asked once more where the frame went elsewhere meanwhile.
  const read = (frame: Frame) => frame.evaluate(fieldsOf).catch(() => frame.evaluate(fieldsOf).catch(() => undefined));
  return new Map(frames.map((frame) => [frame, read(frame)]));
}

/** The page itself is waited for as long as for its tree. */
async function settled(asked: ReturnType<typeof readFields>, page: Page): Promise<Told> {
  const told = [...asked].map(
    async ([frame, answer]) => [frame, await (frame === page.mainFrame() ? answer : inTime(FRAME_MS, answer))] as const,
  );
  return new Map(await Promise.all(told));
}

/** A field whose value was another before the tree than after it may have had any value in it. */
function toSecrets(page: Page, before: Told, after: Told): Secrets {
  const isTold = (frame: Frame) => {
    const fields = before.get(frame);
    return fields !== undefined && JSON.stringify(fields) === JSON.stringify(after.get(frame));
  };
  const main = page.mainFrame();
  const frames = [...new Set([...before.keys(), ...after.keys()])].filter((frame) => frame !== main);
  const fields = [...before.values(), ...after.values()].flatMap((found) => found ?? []);
  const given = fields.flatMap(({ role }) => role.toLowerCase().split(/\s+/)).filter((role) => role !== "");
  const inNames = fields.filter(({ value, isInName }) => isInName || normalized(value).length >= SHORTEST);
  return {
    values: valuesOf(fields),
    named: valuesOf(inNames),
    roles: new Set(["textbox", ...given]),
    told: { page: isTold(main), frames: frames.every(isTold) },
  };
}

function valuesOf(fields: Field[]): string[] {
  return [...new Set(fields.map(({ value }) => normalized(value)))].filter((value) => value !== "");
}

// Its dash, its key (quoted where YAML asks for it), and what follows that.
const LINE = /^( *)- (?:'((?:[^']|'')*)'|(\/?[\w-]+(?: "(?:[^"\\]|\\.)*")?(?: \[[^\]]*\])*))(:.*)?$/;
const NAME = /"(?:[^"\\]|\\.)*"/;

function hide(tree: string, secrets: Secrets): string {
  const { values, named, told } = secrets;
  if (values.length === 0 && told.page && told.frames) return tree;
  const longestFirst = named.toSorted((one, other) => other.length - one.length).map(escaped);
  const inNames = new RegExp(`(?<=^| )(?:${longestFirst.join("|")})(?= |$)`, "g");
  /** The element that a line at each depth belongs to. */
  const owners: Owner[] = [];
  const hideIn = (line: string): string => {
    const [, indent, quoted, plain = "", rest = ""] = LINE.exec(line) ?? [];
    if (indent === undefined) return line;
    const key = quoted?.replaceAll("''", "'") ?? plain;
    const depth = indent.length / 2;
    const above = owners[depth - 1];
    if (key !== "text") {
      const isFramed = above?.isFramed === true || above?.role === "iframe";
      owners[depth] = { role: /^[\w-]*/.exec(key)![0], isFramed };
    }
    const owner = key === "text" ? above : owners[depth];
    const hidden = rest.length > 2 && isSecret(toValue(rest.slice(2)), owner, secrets) ? `: ${HIDDEN}` : rest;
    // A name is made of what an element holds, be it a field.
    const cleanKey =
      named.length === 0 ? key : key.replace(NAME, (name) => JSON.stringify(toValue(name).replace(inNames, HIDDEN)));
    return `${indent}- ${quoted === undefined ? cleanKey : `'${cleanKey.replaceAll("'", "''")}'`}${hidden}`;
  };
  return tree.split("\n").map(hideIn).join("\n");
}

interface Owner {
  role: string;
  isFramed: boolean;
}

function isSecret(value: string, owner: Owner | undefined, { values, roles, told }: Secrets): boolean {
  if (owner === undefined || !roles.has(owner.role)) return false;
  return values.includes(value) || !told[owner.isFramed ? "frames" : "page"];
}

/** As the driver writes a text into a tree. */
function normalized(value: string): string {
  return value
    .replace(/[\u200b\u00ad]/g, "")
    .trim()
    .replace(/\s+/g, " ");
}

/** The text that stands in a tree like this. */
function toValue(written: string): string {
  if (!written.startsWith('"')) return written;
  const json = written.replace(/\\(?:x(..)|.)/g, (whole, code?: string) => (code ? `\\u00${code}` : whole));
  return String(JSON.parse(json));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

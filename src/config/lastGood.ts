import { type ConfigText, endsAtKey, readConfigText, saysNothing } from "./configText.ts";
import { type ConfigFiles, pathsOf } from "./findConfig.ts";
import { type ConfigReading, faultOf, readConfig, type ReadOptions } from "./readConfig.ts";
import { defined } from "../base/defined.ts";

/** What the files say now, and where they cannot be used, what they said when they last could. */
export interface LastingReading extends ConfigReading {
  /** Files of which not the text of now is in force. */
  untaken: string[];
  /** Why what the user's file says now is not taken for meant: it is gone, says nothing, or is half of what it was. */
  gone?: string;
}

export interface ConfigReader {
  read(files: ConfigFiles, options: ReadOptions, texts?: Texts): LastingReading;
}

type Texts = ReadonlyMap<string, ConfigText>;

/**
 * Reads the files, whoever asks, and remembers what each said when it was last in order: a user's file that is removed, half
 * there, or says nothing any more is a faulty one, and of a faulty file what it said before stays in force.
 */
export function createConfigReader(): ConfigReader {
  const good = new Map<string, string>();
  return {
    read(files, options, texts = readTexts(files)) {
      const gone = goneWords(texts.get(files.user)!, good.get(files.user) ?? "");
      const used = new Map(texts);
      const untaken = new Set<string>();
      const back = (path: string) => {
        untaken.add(path);
        const before = good.get(path);
        if (before !== undefined) used.set(path, { text: before });
      };
      if (gone !== undefined) back(files.user);
      const problems = gone === undefined ? [] : [faultOf(files.user, gone)];
      let reading: ConfigReading;
      for (;;) {
        reading = readConfig(files, { ...options, textOf: (path) => used.get(path)! });
        const found = reading.broken.filter((path) => !untaken.has(path));
        const isLast = found.every((path) => !good.has(path));
        // Of a file that is not taken is told what is wrong now, once, and nothing of what it said before.
        const isTold = (file: string) => found.includes(file) || (isLast && !untaken.has(file));
        problems.push(...reading.problems.filter(({ file }) => isTold(file)));
        found.forEach(back);
        if (isLast) break;
      }
      if (reading.config)
        for (const [path, read] of texts) {
          if (untaken.has(path)) continue;
          if ("text" in read) good.set(path, read.text);
          else good.delete(path);
        }
      return { ...reading, problems, untaken: [...untaken], ...defined({ gone }) };
    },
  };
}

export function readTexts(files: ConfigFiles): Texts {
  return new Map(pathsOf(files).map((path) => [path, readConfigText(path, { isWorkspace: path !== files.user })]));
}

export function toText(read: ConfigText): string {
  return "text" in read ? read.text : "";
}

function goneWords(read: ConfigText, before: string): string | undefined {
  const text = toText(read);
  if (isBeginning(text, before)) return HALF;
  if (!saysNothing(text) || saysNothing(before) || "fault" in read) return undefined;
  const said = text.trim() === "" ? "is empty" : "says nothing";
  return `The file ${"text" in read ? said : "is gone"}; what it said before stays in force`;
}

const HALF =
  "The file is the beginning of what it was, as if it were half saved; what it said before stays in force. If this is meant, add a line, such as a comment";

/**
 * Whether a text is what was there before up to some place at which nobody ends a file: within a line, at a key without its
 * value, or ahead of what chose the model, opened the gateway or bounded the agent.
 */
function isBeginning(text: string, before: string): boolean {
  if (text.trim() === "" || !before.startsWith(text)) return false;
  const rest = before.slice(text.length).trimEnd();
  if (rest === "") return false;
  return (
    (!text.endsWith("\n") && !/^[ \t]*(?:#.*)?\r?\n/.test(rest)) ||
    endsAtKey(text) ||
    /^(?:model|providers|gateway|agent)[ \t]*:/m.test(rest) ||
    /[\s{,](?:deny|approvals|sandbox|rules)[ \t]*:/.test(rest)
  );
}

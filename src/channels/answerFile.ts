import type { Part } from "./channel.ts";
import { defined } from "../base/defined.ts";

/** An answer that goes out in no message of its own. */
export function wholeAnswer(text: string): Part {
  return toFile("answer.md", "text/markdown", text, "The whole answer");
}

/** A text that is too long for messages, as a file. */
export function toFile(name: string, mediaType: string, text: string, caption?: string): Part {
  return { kind: "file", name, mediaType, data: Buffer.from(text), ...defined({ caption }) };
}

const EXTENSIONS: Record<string, string> = {
  typescript: "ts",
  javascript: "js",
  python: "py",
  bash: "sh",
  shell: "sh",
  rust: "rs",
  markdown: "md",
  "c++": "cpp",
  "c#": "cs",
};

/** Of a file in that language. */
export function extensionOf(language: string): string {
  const name = language.toLowerCase();
  return Object.hasOwn(EXTENSIONS, name) ? EXTENSIONS[name]! : /^[a-z0-9]{1,10}$/.test(name) ? name : "txt";
}

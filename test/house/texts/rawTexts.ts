import { isSaying } from "./saidTexts.ts";
import { calleeName, type Node, parse, placeOf, textOf, walk } from "../syntax.ts";

/** A text in the code that looks like one for people and is not looked up in the table of their language. */
export interface RawText {
  at: string;
  text: string;
}

/** What of a file reads like words for people, but is said in English whatever the editor's language is. */
export function rawTexts(file: string, source: string): RawText[] {
  const found: RawText[] = [];
  walk(parse(file, source), (node, around) => {
    if (NO_TEXT.has(node.type)) return false;
    const name = calleeName(node, source);
    if (isSaying(name) || FOR_THE_LOG.test(name)) return false;
    if (node.type === "JSXAttribute" && !SPOKEN.has((node["name"] as { name: string }).name)) return false;
    const text = textOf(node);
    if (text === undefined || isCode(node, around)) return;
    const words = withoutMarkup(text);
    if (looksSaid(words)) found.push({ at: placeOf(file, source, node), text: words });
  });
  return found;
}

/** Types and imports hold literals that nobody reads. */
const NO_TEXT = new Set([
  "ImportDeclaration",
  "ExportAllDeclaration",
  "TSTypeAliasDeclaration",
  "TSInterfaceDeclaration",
]);

/** The log, and errors that are faults of the code, are English: who reads them looks them up, or reports them. */
const FOR_THE_LOG =
  /(?:^|[.#])(?:log|channel)\.(?:trace|debug|info|warn|error)$|^(?:Error|RangeError|TypeError|RegExp)$/;

/** Attributes of an element that people see or hear. */
const SPOKEN = new Set(["title", "aria-label", "alt", "placeholder", "label"]);

/** A key that is compared, the name of a property, a style sheet. */
function isCode(node: Node, [parent, above]: Node[]): boolean {
  if (parent === undefined) return false;
  if (parent.type === "BinaryExpression" && COMPARES.has(parent["operator"] as string)) return true;
  if (parent.type === "SwitchCase" || parent.type === "TSLiteralType") return true;
  if ((parent.type === "Property" || parent.type === "MemberExpression") && parent["key"] === node) return true;
  // What is tried on a text, or fetched, is code.
  if (
    parent.type === "CallExpression" &&
    /\.(?:startsWith|endsWith|includes|split|getExtension)$/.test(nameOfCall(parent))
  )
    return true;
  const isStyles = (one: Node | undefined) =>
    one?.type === "VariableDeclarator" && /styles$/i.test((one["id"] as { name?: string }).name ?? "");
  return isStyles(parent) || isStyles(above);
}

const COMPARES = new Set(["===", "!==", "in", "<", ">"]);

function nameOfCall(node: Node): string {
  const property = (node["callee"] as Node)["property"] as { name?: string } | undefined;
  return `.${property?.name ?? ""}`;
}

/** What is left of a piece of HTML when only its texts and what is said of pictures is read. */
function withoutMarkup(text: string): string {
  const spoken = [...text.matchAll(/(?:title|aria-label|alt)="([^"]*)"/g)].map(([, words]) => words!);
  const plain = text.replaceAll(/<[^<>]*>/g, " ").replaceAll(/(?:^|\s)[\w-]+="[^"]*"/g, " ");
  return [plain, ...spoken].join(" ").replaceAll(/\s+/g, " ").trim();
}

/** Two words, or one that begins like a sentence; names of our own and of others' products are no words. */
function looksSaid(text: string): boolean {
  const words = text
    .replaceAll("{}", " ")
    .replaceAll(/\bhttps?:\S+/g, " ")
    .replaceAll(NAMES, " ");
  return (
    /\p{L}{2,}[,;:]? \(?\p{L}+/u.test(words) || /(?:^|\s)\p{Lu}\p{Ll}+/u.test(words) || /\{\} ?\p{L}{3,}/u.test(text)
  );
}

const NAMES =
  /\b(?:Pincer|Ollama|LM Studio|Jan|vLLM|Anthropic|Claude|OpenAI|Google|Gemini|OpenRouter|Bearer|VS Code|TypeScript)\b/g;

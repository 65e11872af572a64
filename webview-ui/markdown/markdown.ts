import createParser, { type MarkdownIt, type Token } from "markdown-it";
import { tokenPieces } from "./tokenPieces.ts";
import type { Piece, PieceElement } from "./pieces.ts";
import { foldItems, type KnownItems, itemElement, itemKey } from "./foldItems.ts";

/** Link definitions, by name. What is read adds to them; the first of a name counts. */
export type MarkdownContext = { references: Record<string, { title: string; href: string }> };

/** What stands beside others at the top: its lines, and its tokens, of which the text within a line is not read yet. */
export interface MarkdownBlock {
  tokens: Token[];
  /** Its first line, and the first after it. */
  lines: [from: number, to: number];
}

const LINKS = { fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false };

const markdown = judged(createParser({ html: false, linkify: true, breaks: false }));
markdown.core.ruler.after("inline", "task-boxes", ({ tokens, Token }) => {
  tokens.forEach((token, index) => {
    if (token.type === "inline" && tokens[index - 2]?.type === "list_item_open")
      drawBox(token.children ?? [], () => new Token("task_box", "", 0));
  });
});
// Blocks are read first, and what stands in them when it is drawn.
markdown.core.ruler.disable(["normalize", "block"]);

/** What people type: code and links are drawn, everything else stands as it was written. */
const typed = judged(createParser("zero", { html: false, linkify: true }).enable(["fence", "backticks", "linkify"]));

function judged(parser: MarkdownIt): MarkdownIt {
  parser.linkify?.set(LINKS);
  // Every link is kept here and judged where it is drawn, so that what is refused stays readable as text.
  parser.validateLink = () => true;
  return parser;
}

/** The text as it is parsed: its lines end in one way. */
export function normalize(text: string): string {
  return text.includes("\r") || text.includes("\0") ? text.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd") : text;
}

/** Cuts normalized text into its blocks, and notes the links that it defines. */
export function readBlocks(text: string, context: MarkdownContext): MarkdownBlock[] {
  const tokens: Token[] = [];
  markdown.block.parse(text, markdown, context, tokens);
  const blocks: MarkdownBlock[] = [];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0 && token.nesting !== -1) blocks.push({ tokens: [], lines: token.map ?? [0, 0] });
    blocks.at(-1)?.tokens.push(token);
    depth += token.nesting;
  }
  return blocks;
}

/**
 * What is drawn of a block. `isOpen`: it still grows. Of `items`, those that it has again are the same pieces, and those that
 * grow no more are added.
 */
export function blockPieces(
  { tokens }: MarkdownBlock,
  context: MarkdownContext,
  isOpen: boolean,
  items: KnownItems = new Map(),
): Piece[] {
  const mayRefer = Object.keys(context.references).length > 0;
  return readPieces(tokens, context, isOpen, (item, make) => {
    // Another definition may make something else of it.
    if (mayRefer && item.some(({ content }) => content.includes("["))) return make();
    const key = itemKey(item);
    const known = items.get(key) ?? make();
    items.set(key, known);
    return known;
  });
}

type Keep = (item: Token[], make: () => PieceElement) => PieceElement;

function readPieces(tokens: Token[], context: MarkdownContext, isOpen: boolean, keep?: Keep): Piece[] {
  const state = new markdown.core.State("", markdown, context);
  const { Token: Folded } = state;
  const toToken = (item: PieceElement) => Object.assign(new Folded("item", "", 0), { block: true, meta: item });
  state.tokens = foldItems(tokens, toToken, (item, isLast) => {
    const grows = isOpen && isLast;
    const make = () => itemElement(item, () => readPieces(item, context, grows));
    return keep && !grows ? keep(item, make) : make();
  });
  for (const token of state.tokens) if (token.type === "inline") token.children = [];
  markdown.core.process(state);
  return tokenPieces(state.tokens, isOpen);
}

/** What is drawn of a message that somebody typed. */
export function typedPieces(text: string): Piece[] {
  return tokenPieces(typed.parse(text, {}), false);
}

/** "[ ] " and "[x] " at the beginning of a list's item. */
function drawBox(children: Token[], make: () => Token): void {
  const [first] = children;
  const box = first?.type === "text" ? /^\[([ xX])\]\s/.exec(first.content) : null;
  if (!first || !box) return;
  first.content = first.content.slice(box[0].length);
  const token = make();
  token.meta = { done: box[1] !== " " };
  children.unshift(token);
}

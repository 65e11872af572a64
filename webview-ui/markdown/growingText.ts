import { blockPieces, normalize, readBlocks, type MarkdownBlock, type MarkdownContext } from "./markdown.ts";
import type { Piece } from "./pieces.ts";
import type { KnownItems } from "./foldItems.ts";

/** A block of a message. The same object as long as it is the same block. */
export interface Block {
  /** About how high it is, in lines. */
  height: number;
  /** What is drawn of it: read when it is first asked for, and again when links were defined that it may use. */
  pieces(): readonly Piece[];
}

export interface GrowingText {
  /** All blocks of a text. What is more of the text before has the same blocks but the last, which alone are read again. */
  read(text: string, isOpen: boolean): Block[];
}

/** Markdown that may still grow. However it comes in, in the end its blocks are those of the whole. */
export function createGrowingText(): GrowingText {
  let seen = "";
  /** Where the first block begins that may still change. */
  let from = 0;
  let finished: Block[] = [];
  let context: MarkdownContext = { references: {} };
  /** Of the block that may still change. */
  let items: KnownItems = new Map();

  function finish(tail: string, blocks: MarkdownBlock[]): string {
    const last = lastBegun(tail, blocks);
    if (last <= 0) return tail;
    const end = lineStart(tail, blocks[last]!.lines[0]);
    finished.push(
      ...toShown(readBlocks(tail.slice(0, end), context)).map((block) => createBlock(block, context, false, items)),
    );
    items = new Map();
    from += end;
    return tail.slice(end);
  }

  return {
    read(given, isOpen) {
      const text = normalize(given);
      if (!text.startsWith(seen)) {
        from = 0;
        finished = [];
        context = { references: {} };
        items = new Map();
      }
      seen = text;
      // What a block that still grows defines may not be all of it.
      const readTail = (tail: string) => {
        const known = { references: { ...context.references } };
        return { known, blocks: readBlocks(tail, known) };
      };
      const whole = text.slice(from);
      let { known, blocks } = readTail(whole);
      const tail = isOpen ? finish(whole, blocks) : whole;
      if (tail !== whole) ({ known, blocks } = readTail(tail));
      if (!isOpen) Object.assign(context.references, known.references);
      const open = isOpen ? blocks.at(-1) : undefined;
      return [...finished, ...toShown(blocks).map((block) => createBlock(block, known, block === open, items))];
    },
  };
}

/** Of definitions nothing is drawn. */
function toShown(blocks: MarkdownBlock[]): MarkdownBlock[] {
  return blocks.filter(({ tokens }) => tokens[0]?.type !== "reference_definition");
}

/** The last block whose first line is all there, and which nothing before it can take in: more text changes none before it. */
function lastBegun(tail: string, blocks: MarkdownBlock[]): number {
  const whole = tail.slice(0, tail.lastIndexOf("\n") + 1);
  const lines = whole.split("\n").length - 1;
  // A definition may go on over lines: it has its end at an empty one.
  const isFree = (at: number) =>
    blocks[at - 1]?.tokens[0]?.type !== "reference_definition" || blocks[at - 1]!.lines[1] < blocks[at]!.lines[0];
  return blocks.findLastIndex(({ lines: [first] }, at) => first < lines && isFree(at));
}

function lineStart(text: string, line: number): number {
  let at = 0;
  for (let count = 0; count < line; count++) at = text.indexOf("\n", at) + 1;
  return at;
}

function createBlock(block: MarkdownBlock, context: MarkdownContext, isOpen: boolean, items: KnownItems): Block {
  const { tokens, lines } = block;
  const mayRefer = tokens.some(({ type, content }) => type === "inline" && content.includes("["));
  const letters = tokens.reduce((sum, { content }) => sum + content.length, 0);
  let read: { pieces: Piece[]; defined: number } | undefined;
  return {
    height: Math.max(lines[1] - lines[0], letters / LETTERS_OF_LINE) + 1,
    pieces() {
      const defined = mayRefer ? Object.keys(context.references).length : 0;
      if (read?.defined !== defined) read = { pieces: blockPieces(block, context, isOpen, items), defined };
      return read.pieces;
    },
  };
}

const LETTERS_OF_LINE = 50;

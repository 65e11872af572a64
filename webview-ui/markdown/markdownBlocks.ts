/**
 * Cuts growing markdown into blocks that stand for themselves. Blocks before the last are final: more text never changes
 * them, so they are drawn once. Fenced code and lists are never cut.
 */
export interface BlockCutter {
  /** `text` is what came before plus more; anything else starts over. */
  cut(text: string): string[];
}

export function createBlockCutter(): BlockCutter {
  let seen = "";
  let blocks: string[] = [];
  /** Where the open block begins, and where the next unread line does. */
  let blockStart = 0;
  let lineStart = 0;
  let fence: Fence | undefined;
  let isList = false;
  let afterBlank = false;

  function readLine(line: string): void {
    if (fence) {
      if (fence.closes(line)) fence = undefined;
      return;
    }
    if (line.trim() === "") {
      afterBlank = true;
      return;
    }
    const continues = isList && (INDENTED.test(line) || LIST_ITEM.test(line));
    if (afterBlank && !continues && !INDENTED.test(line)) closeBlock();
    afterBlank = false;
    if (lineStart === blockStart) isList = LIST_ITEM.test(line);
    fence = toFence(line);
  }

  /** Whether a line that is still growing is sure to begin a block. */
  function begins(line: string): boolean {
    return /^\S/.test(line) && !(isList && /^[-*+\d]/.test(line));
  }

  function closeBlock(): void {
    const block = seen.slice(blockStart, lineStart);
    if (block.trim() !== "") blocks.push(block);
    blockStart = lineStart;
  }

  function reset(): void {
    blocks = [];
    blockStart = lineStart = 0;
    fence = undefined;
    isList = afterBlank = false;
  }

  return {
    cut(text) {
      if (!text.startsWith(seen)) reset();
      seen = text;
      for (let end = seen.indexOf("\n", lineStart); end >= 0; end = seen.indexOf("\n", lineStart)) {
        readLine(seen.slice(lineStart, end));
        lineStart = end + 1;
      }
      if (!fence && afterBlank && begins(seen.slice(lineStart))) {
        closeBlock();
        afterBlank = false;
      }
      const open = seen.slice(blockStart);
      return open.trim() === "" ? [...blocks] : [...blocks, open];
    },
  };
}

const INDENTED = /^(?: {2,}|\t)/;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const FENCE = /^\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(`{3,}|~{3,})(?!.*`)/;

interface Fence {
  closes(line: string): boolean;
}

function toFence(line: string): Fence | undefined {
  const marker = FENCE.exec(line)?.[1];
  if (!marker) return undefined;
  const closing = new RegExp(`^\\s*${marker[0] === "~" ? "~" : "`"}{${marker.length},}\\s*$`);
  return { closes: (next) => closing.test(next) };
}

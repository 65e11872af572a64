import type { DefaultTreeAdapterTypes } from "parse5";
import { setImmediate } from "node:timers/promises";

export type HtmlElement = DefaultTreeAdapterTypes.Element;
export type HtmlTemplate = DefaultTreeAdapterTypes.Template;
export type HtmlNode = DefaultTreeAdapterTypes.ChildNode;

export interface HtmlTree {
  children: HtmlNode[];
  /** The page was too tangled: what stands after this many characters is not in the tree. */
  readUpTo?: number;
}

// Some tangles cost the square of their length: deep nesting, open <b> reopened in each paragraph, a tag of 10^5 attributes.
const SLICE = 8192;
/** Three times what a slice can hold: more are made of what stood before it. */
const MOST_ELEMENTS_OF_SLICE = SLICE;
const MOST_MS = 2000;

/** The page as a browser without scripts sees it. Reads in slices, so that nobody waits, and gives up on a tangle. */
export async function htmlTree(html: string, signal?: AbortSignal): Promise<HtmlTree> {
  const { Parser, defaultTreeAdapter } = await import("parse5");
  let elements = 0;
  const parser = new Parser({
    scriptingEnabled: false,
    // Tells which elements were closed by a tag of their own.
    sourceCodeLocationInfo: true,
    treeAdapter: {
      ...defaultTreeAdapter,
      createElement(...element) {
        if (++elements > MOST_ELEMENTS_OF_SLICE) throw new TangledPage();
        return defaultTreeAdapter.createElement(...element);
      },
    },
  });
  const tree = (at: number): HtmlTree => ({
    children: parser.document.childNodes,
    ...(at < html.length && { readUpTo: at }),
  });
  let spent = 0;
  for (let at = 0; at <= html.length; at += SLICE) {
    const started = performance.now();
    elements = 0;
    try {
      parser.tokenizer.write(html.slice(at, at + SLICE), at + SLICE >= html.length);
    } catch (error) {
      if (error instanceof TangledPage) return tree(at);
      throw error;
    }
    spent += performance.now() - started;
    if (spent > MOST_MS) return tree(at + SLICE);
    await setImmediate();
    signal?.throwIfAborted();
  }
  return tree(html.length);
}

class TangledPage extends Error {}

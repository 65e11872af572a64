import { createGrowingText, type Block } from "./growingText.ts";
import { patch } from "./patch.ts";
import { drawInSlices, drawNoMore, type Drawing, type Slice } from "./slices.ts";

export interface MessageDrawing {
  /** Shows a text: what of it is shown already stays, the rest is drawn as there is time. */
  show(text: string, isOpen: boolean): void;
  end(): void;
}

/** Draws markdown into an element, an element for each block: what stands at once from its end, which is read first; what comes then as it comes. */
export function createMessageDrawing(root: HTMLElement): MessageDrawing {
  const text = createGrowingText();
  let blocks: Block[] | undefined;
  /** Of those before it nothing is drawn yet; room is left for them. */
  let from = 0;

  const drawing: Drawing = { draw: (slice) => drawDown(slice) && drawUp(slice) };

  function drawDown(slice: Slice): boolean {
    const shown = blocks!.slice(from);
    for (const [at, block] of shown.entries()) {
      const element = root.children[at] ?? begin((made) => root.append(made));
      if (!element.hasChildNodes() && slice.isOver()) return false;
      if (!patch(element, block.pieces(), slice)) return false;
    }
    while (root.children.length > shown.length) root.lastElementChild!.remove();
    return true;
  }

  function drawUp(slice: Slice): boolean {
    while (from > 0) {
      if (slice.isOver()) return false;
      from -= 1;
      const element = begin((made) => root.prepend(made));
      setRoom();
      if (!patch(element, blocks![from]!.pieces(), slice)) return false;
    }
    return true;
  }

  function setRoom(): void {
    const lines = blocks!.slice(0, from).reduce((sum, { height }) => sum + height, 0);
    root.style.paddingBlockStart = lines > 0 ? `${Math.ceil(lines)}lh` : "";
  }

  return {
    show(given, isOpen) {
      const isFirst = blocks === undefined;
      blocks = text.read(given, isOpen);
      if (isFirst) from = blocks.length;
      // Another text: nothing above is waited for any more.
      if (from > blocks.length) from = 0;
      setRoom();
      drawInSlices(drawing);
    },
    end: () => drawNoMore(drawing),
  };
}

function begin(place: (made: Element) => void): Element {
  const made = document.createElement("div");
  made.className = "block";
  place(made);
  return made;
}

/** Something that is drawn in as many goes as it takes. */
export interface Drawing {
  /** Draws on until the slice is over; whether nothing is left to draw. */
  draw(slice: Slice): boolean;
}

export interface Slice {
  /** Whether what is still to be drawn has to wait for the next frame. Asked before each thing that is made. */
  isOver(): boolean;
}

// With laying out and painting what was drawn it stays below what is felt.
const SLICE_MS = 8;
/** Made in each slice, however slow the machine: who waits comes nearer to their end. */
const LEAST = 30;

const waiting = new Set<Drawing>();
const listeners = new Set<() => void>();
let shared: Slice | undefined;
let isAwaited = false;

/** Draws what fits into this task, all that is drawn in it taken together, and the rest in frames to come. */
export function drawInSlices(drawing: Drawing): void {
  if (!shared) {
    shared = createSlice();
    afterThisTask(() => (shared = undefined));
  }
  waiting.delete(drawing);
  if (!drawing.draw(shared)) wait(drawing);
}

/** What is not drawn yet will not be. */
export function drawNoMore(drawing: Drawing): void {
  waiting.delete(drawing);
}

/** Calls back each time that nothing is left to draw; the result takes the listener off. */
export function onDrawn(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function wait(drawing: Drawing): void {
  waiting.add(drawing);
  if (isAwaited) return;
  isAwaited = true;
  // After the page has painted what there is.
  requestAnimationFrame(() => afterThisTask(drawOn));
}

function drawOn(): void {
  isAwaited = false;
  const slice = createSlice();
  // The lowest first, which are read: earlier messages stand above.
  for (const drawing of [...waiting].toReversed()) {
    if (!drawing.draw(slice)) {
      wait(drawing);
      return;
    }
    waiting.delete(drawing);
  }
  for (const listener of [...listeners]) listener();
}

function createSlice(): Slice {
  const end = performance.now() + SLICE_MS;
  let count = 0;
  return { isOver: () => ++count > LEAST && performance.now() > end };
}

/** As soon as possible in a task of its own, unlike a timer, which browsers make wait. */
function afterThisTask(work: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", () => {
    port1.close();
    work();
  });
  port1.start();
  port2.postMessage(undefined);
}

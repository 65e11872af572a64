import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { typedPieces } from "./markdown.ts";
import { createMessageDrawing, type MessageDrawing } from "./messageDrawing.ts";
import { patch } from "./patch.ts";
import { drawInSlices, drawNoMore, type Drawing } from "./slices.ts";

/** Markdown that may still grow. */
export function MarkdownView({ text, isOpen = false }: { text: string; isOpen?: boolean }) {
  const drawing = useRef<MessageDrawing>(undefined);
  // As soon as there is an element, for what is around it is measured next.
  const begin = useRef((element: HTMLElement | null) => {
    if (!element) return;
    drawing.current = createMessageDrawing(element);
    drawing.current.show(text, isOpen);
  });
  const isShown = useRef(true);
  useLayoutEffect(() => {
    if (!isShown.current) drawing.current?.show(text, isOpen);
    isShown.current = false;
  }, [text, isOpen]);
  useEffect(() => () => drawing.current?.end(), []);
  return <div class="markdown" ref={begin.current} />;
}

/** What somebody typed. */
export function TypedText({ text }: { text: string }) {
  const shown = useRef("");
  const drawing = useRef<Drawing>(undefined);
  const show = (element: HTMLDivElement | null) => {
    if (!element || shown.current === text) return;
    shown.current = text;
    const pieces = typedPieces(text);
    if (drawing.current) drawNoMore(drawing.current);
    drawing.current = { draw: (slice) => patch(element, pieces, slice) };
    drawInSlices(drawing.current);
  };
  useEffect(() => () => drawing.current && drawNoMore(drawing.current), []);
  return <div class="user-text markdown" ref={show} />;
}
